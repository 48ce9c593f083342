"""Every fixed word the product says in an answer."""

REFUSAL = "The documents don't say."
NOTHING_INDEXED = "There are no documents to answer from yet."
ALSO_CARRIED = "also carried by {count} other {noun}: {names}"
