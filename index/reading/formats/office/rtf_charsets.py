"""Write the bytes of an RTF file as the characters that their font means, where that is not the page of the file."""

import re

# The code pages of \fcharset (RTF 1.9.1, font table); 0 and 1 mean the page of the whole file.
_CODE_PAGES = {
    **{128: "cp932", 129: "cp949", 130: "cp1361", 134: "cp936", 136: "cp950", 161: "cp1253", 162: "cp1254"},
    **{163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250"},
}
_FONT = re.compile(r"\\f(\d{1,5})(?=[\\ ;{])[^{};]{0,200}?\\fcharset(\d{1,3})")
_TOKEN = re.compile(
    r"(?P<bytes>(?:\\'[0-9a-fA-F]{2})+)|\\f(?P<font>\d{1,5})(?![\da-z])|(?P<plain>\\plain)(?![a-z])|\\\\|\\[{}]|[{}]"
)
_DEFAULT_FONT = re.compile(r"\\deff(\d{1,5})")


def spell_out_bytes(source: str) -> str:
    """Return RTF ``source`` with the escaped bytes of fonts that name a code page as Unicode escapes."""
    pages = {font: _CODE_PAGES[int(charset)] for font, charset in _FONT.findall(source) if int(charset) in _CODE_PAGES}
    if not pages:
        return source
    default = found[1] if (found := _DEFAULT_FONT.search(source)) else ""
    fonts = [default]

    def replaced(token: re.Match[str]) -> str:
        if token["bytes"]:
            page = pages.get(fonts[-1])
            return _as_unicode(token["bytes"], page) if page else token[0]
        if token["font"]:
            fonts[-1] = token["font"]
        elif token["plain"]:
            fonts[-1] = default
        elif token[0] == "{":
            fonts.append(fonts[-1])
        elif token[0] == "}" and len(fonts) > 1:
            fonts.pop()
        return token[0]

    return _TOKEN.sub(replaced, source)


def _as_unicode(escapes: str, page: str) -> str:
    text = bytes.fromhex(escapes.replace("\\'", "")).decode(page, "replace")
    units = memoryview(text.encode("utf-16-le")).cast("h")
    return "".join(f"\\uc1\\u{unit}?" for unit in units)
