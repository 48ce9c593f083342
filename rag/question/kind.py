"""Tell what kind of answer a question asks for, by rules over its wording in English; ``rag.languages`` knows others.

The rules are sentences with names of fragments in angle brackets: ``<docs>`` is "articles", "files" and so on.
"""

import re
from dataclasses import dataclass, replace
from typing import Literal, get_args

from index.text.month_names import MONTHS
from rag.languages.kind import kind_in_language
from rag.question.smalltalk import is_smalltalk, strip_smalltalk

Kind = Literal[
    "fact",
    "overview",
    "list_documents",
    "list_people",
    "list_items",
    "about_document",
    "about_library",
    "about_tool",
    "smalltalk",
    "table",
    "compare",
    "several",
]

_DOCUMENT = (
    "article|document|file|text|report|story|piece|page|paper|policy|manual|letter|book|pdf|(?:e-?)?mail|newsletter|handbook|"
    "agreement|contract|lease|guide|leaflet|brochure|catalogue|catalog|presentation|spreadsheet|transcript|minutes|memo"
)
_FRAGMENTS = {
    "doc": f"(?:{_DOCUMENT})",
    "docs": f"(?:(?:{_DOCUMENT})s|sources|policies|stories)",
    "this": r"(?:this|it|that|these|they|those|everything|all of (?:this|it|them)"
    r"|(?:this|that|the|my|your|these|those|all(?: the)?) (?:<docs>|<doc>))",
    "subject": r"(?P<subject>\S.*)",
    "origin": r"(?P<origin>\S.*?)",
    "is": r"(?:['’]s|s| is| are| was| were)",
    "please": r"(?:(?:please|can|could|would|will) (?:you )?(?:please )?|i(?:['’]d| would) like |i (?:want|need) )?",
    "give": r"(?:give|show|tell|write|make|provide)(?: me| us)? ",
    "of it": r"(?: (?:of|on|about|for|in|from) (?:<this>|<subject>))?",
    "in it": r"(?: (?:in|by|from) (?:(?:all )?<this>|the <docs>|<subject>))?",
    "named": r"(?P<quoted>quoted|cited|mentioned|named|interviewed|speaking|talked about|referred to)",
    "role": r"(?P<role>(?!article|document)[a-z]+(?: [a-z]+)?s)",
    "here": r"(?:here|the library|the index|the collection)",
    "there are": r"(?:do you have|have you(?: got)?|are there|are in <here>|are indexed|are loaded|are available"
    r"|can you see|do you know|do i have|did i (?:add|upload))",
    "summarise": r"(?:summari[sz]e|sum up|recap|outline)",
    "summary": r"(?:summary|overview|synopsis|gist|recap|outline|digest)",
    "main": r"(?:key|main|most important|central|essential)",
    "points": r"(?:points?|facts?|figures?|numbers?|results?|takeaways?|ideas?|messages?|findings?|topics?|themes?"
    r"|things?)",
    "values": r"(?P<values>(?:amounts?|sums?)(?: of money)?|costs|prices|fees|figures|(?:key |important )?dates"
    r"|deadlines|due dates|percentages|temperatures|decisions|resolutions|action (?:items|points)|actions|to[- ]?dos"
    r"|tasks|(?:phone|telephone) numbers|e-?mail addresses|(?:web )?links|urls|web ?sites)",
    "given": r"(?:given|mentioned|named|stated|listed|quoted|noted|set|there|made|taken|agreed(?: on)?|discussed)",
    "mention": r"(?:mention|name|talk about|speak (?:of|about)|discuss|cover|contain|deal with|refer to|say something"
    r" about|are (?:on|about)|have something (?:on|about)|there are (?:on|about))",
    "mentions": r"(?:mentions|names|talks about|speaks (?:of|about)|discusses|covers|contains|deals with|refers to"
    r"|is (?:on|about))",
    "mentioning": r"(?:about|on|with|mentioning|discussing|talking about|covering|containing|(?:that|which) <mention>)",
    "extreme": r"(?P<extreme>newest|latest|most recent|oldest|earliest|longest|shortest|biggest|largest|smallest)",
    "published": r"(?:published|written|posted|printed|issued)",
    "machine": r"(?:ai|a\.i\.|bot|chatbot|robot|human|person|real|chatgpt|gpt|llm|language model)",
    "format": r"(?P<format>csv|pdf|word|docx|excel|xlsx|powerpoint|pptx|html?|text|txt|markdown|md|(?:e-?)?mail|epub"
    r"|json|spreadsheet)",
    "long": r"long(?! (?:is|are) (?:.* )?(?:lease|contract|agreement|policy)\b)",  # that is for how long it holds
    "anything": r"(?:anything|something|any (?:<docs>|information|info))",
    "when": r"(?P<when>(?:from|in|of|since|before|after|until|during|between) (?:<ago>|<date>)(?:.*<date>)?)",
    "ago": r"(?:(?:(?:the )?(?:last|past|previous)|this) (?:\w+ )?(?:week|month|year|summer|winter|spring|autumn)s?"
    r"|yesterday|today)",
    "date": rf"(?:(?:early |mid |late |mid-)?(?:\d{{1,2}}(?:st|nd|rd|th)? )?(?:{'|'.join(MONTHS)})\b[\d ,]*|\d{{4}})",
    "tool": r"(?:onrecord|this (?:tool|site|thing|app|page|program)|this for)",
}
_RULES: dict[Kind, tuple[str, ...]] = {
    "about_tool": (
        "(?:who|what) are you(?: exactly)?",
        "what<is> your name",
        "what (?:can|could|do) you(?: actually)? (?:do|help(?: me)? with|offer)(?: for me)?",
        "how (?:do you|does (?:this|it)) work(?: exactly)?",
        "how (?:can|do|should) i use (?:you|this|it)",
        "(?:are you|is this) (?:an? )?<machine>",
        "(?:what|which) (?:language )?(?:model|llm|ai)(?: (?:is this|are you(?: using)?|do you use))?",
        "who (?:made|built|created|wrote) you",
        "what<is> <tool>",
        "/?help|help me(?: please)?",
        "what languages (?:do|can) you (?:speak|understand|read)",
        "where do (?:you get your|your) (?:answers|information|facts)(?: come)?(?: from)?",
        "(?:can|do) you (?:make (?:things|stuff) up|hallucinate|search the (?:web|internet))",
    ),
    "about_library": (
        "how many (?P<pages>pages)(?: <there are>)?(?: (?:in total|altogether|in all))?",
        "how (?P<pages>long) are (?:all )?(?:the|these|my) <docs>(?: (?:in total|altogether|in all))?",
        "(?:(?:which|what|who)(?: are| is)?|<please>(?:list|show|name|<give>)(?: me)?) ?(?:all )?(?:of )?(?:the )?"
        "(?P<authors>authors|writers|journalists|contributors)(?: (?:<there are>|there|in <here>|of <this>))?",
        "who (?P<authors>wrote|are the authors of) (?:all )?(?:of )?(?:these|the|those|my) <docs>",
        "(?:which|what|<please>(?:list|show|name|<give>)(?: me)?) ?(?:all )?(?:the )?"
        "(?P<outlets>outlets|newspapers|publishers|publications|magazines)(?: (?:<there are>|there|in <here>))?",
        "(?:what|which) (?P<formats>(?:(?:file|document) )?(?:types?|formats?|kinds?)(?: of (?:files?|documents?))?)"
        "(?: (?:<there are>|(?:is|are) (?:there|they|these|it|<this>|the <docs>)))(?: in)?",
        "(?:what|which) (?P<languages>languages?) (?:is|are) (?:it|they|<this>|the <docs>)(?: (?:written )?in)?",
        "in (?:what|which) (?P<languages>languages?) (?:is|are) (?:it|they|<this>|the <docs>)(?: written)?",
        "(?:which|what) (?:<docs>|ones|of (?:them|the <docs>)) are <format>s?(?: <docs>)?",
        "<please>(?:(?:list|show|find|<give>)(?: me)? ?)?(?:all |every |any )?(?:of )?(?:the |my )?"
        "(?:<docs>|everything|anything|(?:what|(?:which|what) <docs>)(?:<is>| do you have)?)"
        "(?: (?:published|written|dated|posted|printed|issued|sent|made|you have))?(?: that (?:is|are))? ?<when>",
        "how many <docs>(?: <there are>)?(?: in total)?",
        "how many <format> (?:<docs>|files)(?: <there are>)?(?: in total)?",
        "(?:which|what|<please>(?:list|show)(?: all)?(?: the| my)?) ?<format> (?:<docs>|files)(?: <there are>)?",
        "<please>(?:(?:list|find|show)(?: me)? )?(?:all )?(?:the )?<docs> (?:written |published )?(?:by|from) <origin>",
        "<please>(?:(?:list|find|show|give)(?: me)? )?(?:everything|all) (?:written |published )?(?:by|from) <origin>",
        "(?:which|what) <docs> (?:are|were|did) <origin> (?:write|publish|written|published)",
        "(?:which|what) <docs> (?:are|were) (?:written |published )?(?:by|from) <origin>",
        "(?:which|what) <docs> <there are>",
        "<please>(?:list|show|name)(?: me)?(?: all)?(?: of)?(?: the| my| your)? <docs>",
        "what<is> in (?:here|(?:the|my|your|this) (?:library|index|collection|database|knowledge base|archive))",
        "what (?:do you know|do you have|can i ask(?: you)?(?: about)?|topics do you (?:cover|know)|data do you have"
        "|have you (?:got|read))",
        "(?:which|what)<is>?(?: the)? <extreme> <doc>(?: (?:you have|in <here>|there is))?",
        "which <doc> is (?:the )?<extreme>",
        "(?:(?:which|what)(?: one)?<is>? )?(?:the )?<extreme>(?: one)?",
        "(?:the )?<extreme> <doc>",
        "(?:do you have|have you(?: got)?|is there|are there) (?:any |an? )?<format>s?(?: files?| documents?)?",
    ),
    "list_documents": (
        "(?:which|what) (?:of (?:the|my|your) )?<docs> <mention> <subject>",
        "(?:which|what) <docs> do you have (?:on|about) <subject>",
        "(?:do you have|have you(?: got)?|is there|are there) <anything> (?:on|about|mentioning) <subject>",
        "which (?:<doc>|one|one of (?:them|the <docs>)) <mentions> <subject>",
        "<please>(?:list|find|show|<give>)(?: me)? ?(?:all |every |the )*<docs> <mentioning> <subject>",
        "where (?:is|are) <subject> mentioned",
    ),
    "list_items": (
        "(?:which|what) <values> (?:is|are|was|were|have been)(?: all)? <given><in it>",
        "<please>(?:list|name|find|extract|<give>)(?: me)? ?(?:all |every |the |any |of )*<values>"
        "(?: (?:that|which) (?:are|were))?(?: <given>)?<in it>",
        "all (?:the )?<values>(?: <given>)?<in it>",
        "(?:(?:what|which)<is> )?(?:the )?(?P<values>deadlines|due dates|decisions|resolutions|action (?:items|points)"
        "|to[- ]?dos|next steps)<in it>",
        "what (?:was|were|has been|did (?:they|we|the \\S+))(?: all)? (?P<values>decided?|resolved?|agreed?)"
        "(?: on| upon)?<in it>",
    ),
    "list_people": (
        "(?:who|which people)<is> (?P<quoted>present|absent)(?: at (?:the )?meeting)?<in it>",
        "<please>(?:list|name|<give>)(?: me)? ?(?:all |the )*(?:people |everyone |members )?"
        "(?P<quoted>present|absent|attendees|participants)(?: at (?:the )?meeting)?<in it>",
        "<please>(?:list|name|<give>)(?: me)? ?(?:all |the )*(?:everyone|everybody|people|persons|speakers|names)"
        "(?: who (?:is|are|was|were))? ?<named>?<in it>",
        "(?:who|which (?:people|persons|speakers))(?: all)?<is> (?:all )?<named><in it>",
        "who are the (?:people|persons|speakers)(?: <named>)?<in it>",
        "(?:which|what) <role>(?: (?:is|are|was|were|do you have))?(?: all)? <named><in it>",
        "<please>(?:list|name|<give>)(?: me)? ?(?:all |the )*<role> <named><in it>",
    ),
    "about_document": (
        "(?P<author>who (?:wrote|authored|is the author of)|(?:the )?author of)"
        " (?:<this>|the <doc> (?:on|about) <subject>)",
        "(?P<author>who<is> the author|author)",
        "(?P<author>who (?:wrote|authored)) the (?P<subject>(?:\\S+ ){1,4}?<doc>(?: (?:19|20)\\d\\d)?)",
        "(?P<date>when was) the (?P<subject>(?:\\S+ ){1,4}?<doc>) <published>",
        "(?P<date>when was) (?:<this>|the <doc> (?:on|about) (?P<subject>\\S.*?)) <published>",
        "(?P<date>what<is> the date of|date of) (?:<this>|the <doc> (?:on|about) <subject>)",
        "(?P<date>(?:what|which) date<is>|when<is>|how old<is>) the (?P<subject>(?:\\S+ ){1,4}?<doc>)(?: from| dated)?",
        "(?P<date>(?:what|which) date<is>|when<is>|how old<is>) <this>(?: from| dated)",
        "(?P<outlet>where was|who published) <this>(?: <published>)?",
        "(?P<outlet>(?:which|what) (?:newspaper|paper|outlet|site|magazine) (?:published|printed|ran)) <this>",
        "(?P<outlet>(?:which|what) (?:newspaper|paper|outlet|site|magazine)<is>) (?:<this>"
        "|the (?P<subject>(?:\\S+ ){1,4}?<doc>)) (?:from|in)",
        "(?P<length>how (?:<long>|many words|many pages)) (?:is|are|has|does) (?:<this>"
        "|the (?P<subject>(?:\\S+ ){0,4}?<doc>(?: (?:19|20)\\d\\d)?))(?: have)?",
    ),
    "overview": (
        "what<is>? <this> (?:all )?about",
        "what<is> (?P<subject>(?:\\S+ )*?<doc>s?(?: (?:on|about|by|from) \\S.*?)?) about",
        "what (?:does|do|did) <this> (?:say|cover|contain|discuss|deal with)",
        "what<is> in (?:<this>|the (?P<subject>(?:\\S+ ){1,4}?<doc>))",
        "<please><summarise>(?: <this>)?",
        "<please><summarise> <subject>",
        "<please>(?:<give>)?(?:an? |the )?(?:short |brief |quick |one[- ]paragraph )?<summary><of it>",
        "(?:tl;? ?dr|in (?:short|brief|a nutshell))(?:[ :,-]+(?:<this>|<subject>))?",
        "<please>(?:<give>|what<is> )?(?:the )?<main> <points><of it>",
        "<please>(?:<give>)?(?:the )?(?:highlights|takeaways|bullet points)<of it>",
        "what<is> (?:going on|new|happening|the news|up)",
        "what<is> (?:the )?news(?: (?:from|in|of|for|on|about) <subject>)?",
        "what(?:['’]s|s| has| is)? happen(?:ed|ing)(?: (?:in|on|during|last|this|yesterday|since) <subject>)?",
        "(?:the )?news (?:from|in|of|for|on|about) <subject>",
    ),
}
_OPENING = re.compile(r"^(?:so|and|ok|okay|well|now)[, ]+(?=\w)", re.IGNORECASE)
_CLOSING = re.compile(r"(?:[ ,]+(?:please|pls|plz|thanks|thank you|for me|then))+$", re.IGNORECASE)
_IN_SO_MANY = re.compile(
    r",? in (?:(?:just|only|at most|max\.?|about) )?(?P<count>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten"
    r"|a (?:single|few))(?: (?:short|key|main))?[ -](?:sentences?|points?|bullets?|bullet points?|lines?)$",
    re.IGNORECASE,
)
_COUNTS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_CLAUSE = re.compile(r"(?:what|how|why|who|when|where|whether|if)\b", re.IGNORECASE)
_HOW_ARE_YOU = re.compile(
    r"(?:(?:hi|hello|hey),? )?(?:how are you(?: (?:doing|today))?|how is it going)", re.IGNORECASE
)
_HOW_PEOPLE = {
    **dict.fromkeys(("quoted", "cited", "interviewed", "speaking"), "quoted"),
    **dict.fromkeys(("present", "attendees", "participants"), "present"),
    "absent": "absent",
}
_PROPERTIES = ("author", "date", "outlet", "length")
LibraryFact = Literal["authors", "outlets", "formats", "pages", "languages"]
LIBRARY_FACTS: tuple[LibraryFact, ...] = get_args(LibraryFact)
"""What a question may ask of all documents, as ``AskedKind.property`` names it."""


@dataclass(frozen=True, slots=True)
class AskedKind:
    """What kind of answer a question asks for.

    ``subject`` is what a summary or a list of documents is to be about, empty where that is "this" or everything, or
    which documents of the library are meant: of a format or, with the property "origin", by an author or outlet, or
    with "dated" of a time. ``property`` is what is asked of a document ("author", "date", "outlet", "length"), of the
    library ("newest", "authors", "outlets", "formats", "pages", "languages"), of
    people: a role in the plural ("mayors"), "quoted" or "present", or which values are to be listed ("deadlines").
    ``most`` is how many sentences a summary may have, None where that is not said.
    """

    kind: Kind
    subject: str = ""
    property: str = ""
    most: int | None = None


def question_kind(question: str) -> AskedKind:
    """Tell the kind of ``question``; whatever no rule knows asks for a fact.

    >>> question_kind("can you summarise the tram article for me?")
    AskedKind(kind='overview', subject='the tram article', property='', most=None)
    >>> question_kind("How many documents do you have?").kind
    'about_library'
    """
    bare = " ".join(question.split()).rstrip(" ?.!…")
    if bare.casefold() in {"help", "help me"}:
        return AskedKind("about_tool")
    if is_smalltalk(question) or _HOW_ARE_YOU.fullmatch(bare):
        return AskedKind("smalltalk")
    line = _CLOSING.sub("", _OPENING.sub("", strip_smalltalk(bare)))
    limit = _IN_SO_MANY.search(line)
    line = line[: limit.start()] if limit else line
    for kind, patterns in _PATTERNS.items():
        for pattern in patterns:
            if (found := pattern.fullmatch(line)) is not None:
                asked = _asked(kind, found)
                # "Summarise what Varga said" is answered with what she said.
                clause = _CLAUSE.match(asked.subject) is not None
                return AskedKind("fact") if clause else replace(asked, most=_count(limit["count"]) if limit else None)
    elsewhere = kind_in_language(question)
    return AskedKind(elsewhere.kind, elsewhere.subject) if elsewhere else AskedKind("fact")


def _count(words: str) -> int | None:
    """Read how many sentences are wanted; "a few" says no number."""
    word = words.lower().replace("a single", "one")
    return int(word) if word.isdigit() else _COUNTS.index(word) + 1 if word in _COUNTS else None


def _asked(kind: Kind, found: re.Match[str]) -> AskedKind:
    groups = {name: text.strip() for name, text in found.groupdict().items() if text}
    held = next((name for name in _PROPERTIES if name in groups), groups.get("extreme", "").lower())
    if kind == "list_people":
        how = groups.get("quoted", "").lower()
        held = groups.get("role", "").lower() or _HOW_PEOPLE.get(how, "")
    if kind == "list_items":
        held = groups["values"].lower()
    if kind == "about_library" and "when" in groups:
        return AskedKind(kind, groups["when"], "dated")
    if kind == "about_library" and (fact := next((name for name in LIBRARY_FACTS if name in groups), "")):
        return AskedKind(kind, "", fact)
    if "origin" in groups:
        return AskedKind(kind, groups["origin"], "origin")
    return AskedKind(kind, groups.get("subject", "") or groups.get("format", "").lower(), held)


def _compiled(rule: str) -> re.Pattern[str]:
    """Compile a rule, its fragments put in; fragments may hold others."""
    while (whole := re.sub(r"(?<!\?P)<([a-z ]+)>", lambda match: _FRAGMENTS[match[1]], rule)) != rule:
        rule = whole
    return re.compile(rule, re.IGNORECASE)


_PATTERNS = {kind: tuple(map(_compiled, rules)) for kind, rules in _RULES.items()}
