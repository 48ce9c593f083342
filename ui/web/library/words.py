"""The words of the Library tab: what its fields and buttons are called, and what it says."""

# Adding
CHOOSE_FILES = "Drop files or folders here, or choose files"
CHOOSE_FOLDER = "Choose a folder"
INTO_COLLECTION = "Into collection (optional)"
PASTE = "Paste a text or a saved page"
PASTED_TEXT = "Text, or the page's source (HTML)"
TITLE = "Title"
ADDRESS = "Address it comes from"
PUBLISHED_ON = "Published on"
OUTLET = "Outlet"
ADD = "Add it"

# Finding
SEARCH = "Search titles, outlets, dates and files"
ALL_OUTLETS = "All outlets"
ANY_STATUS = "Any status"
ALL_COLLECTIONS = "All collections"
NO_DOCUMENTS = "No documents yet."
NONE_FOUND = "No document is like that. Change what you search for."
BACK_TO_LIST = "Back to the list"

# Changing
CHOOSE = "Choose"
CHOOSE_ALL = "Choose all that are shown"
CHOOSE_FIRST = "Choose documents in the list first."
REINDEX = "Re-index"
REINDEX_CHOSEN = "Re-index chosen"
REINDEX_ALL = "Re-index all"
DELETE = "Delete"
DELETE_CHOSEN = "Delete chosen"
PUT_BACK = "Put back"
UNDO = "Undo"
REPLACE_EARLIER = "Delete the earlier files of these names"
CANCEL = "Cancel"
CLOSE = "Close"
READ_ONLY = "You may read the library, but not change it."

# Waiting
ALMOST_DONE = "less than a second left"
TIME_LEFT = "about {} left"
