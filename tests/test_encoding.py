from pathlib import Path

import pytest

from index.errors import UnreadableFileError
from index.reading.encoding import decode

HERE = Path("notes.txt")

SAMPLES = [
    (
        "cp1252",
        "Le ministre a déclaré que l’été avait été difficile. “C’est une évidence”, a-t-il dit à Genève.",
    ),
    ("cp1252", "The minister said “yes” and left — nobody asked why. The café was closed."),
    (
        "cp1252",
        "Die Außenministerin erklärte, für die Bevölkerung müsse schnell eine Lösung gefunden werden.",
    ),
    ("cp1252", "El ministro señaló el miércoles que las negociaciones continuarán. ¿Qué pasará después?"),
    ("cp1252", "Ráðherrann sagði á miðvikudag að viðræðum yrði haldið áfram í næstu viku. Það þykir gott."),
    ("cp1254", "Savunma Bakanı çarşamba günü müzakerelerin gelecek hafta devam edeceğini söyledi."),
    ("cp1250", "Ministr obrany ve středu řekl, že jednání budou pokračovat příští týden v Ženevě."),
    ("cp1250", "Lech Wałęsa met the minister in Łódź on Monday, and both spoke about the talks to come."),
    ("mac_roman", "The minister said “yes” and left — nobody asked. The café was closed. He didn’t return."),
    (
        "koi8_r",
        "Министр обороны заявил в среду, что переговоры будут продолжены на следующей неделе в Женеве.",
    ),
    (
        "cp1251",
        "Министр обороны заявил в среду, что переговоры будут продолжены на следующей неделе в Женеве.",
    ),
    ("cp1253", "Ο υπουργός Άμυνας δήλωσε την Τετάρτη ότι οι διαπραγματεύσεις θα συνεχιστούν στη Γενεύη."),
    ("cp1255", "שר הביטחון אמר ביום רביעי כי המשא ומתן יימשך בשבוע הבא. נציגי הצדדים ייפגשו כדי לדון בתנאים"),
    (
        "cp1256",
        "قال وزير الدفاع يوم الأربعاء إن المفاوضات ستستمر الأسبوع المقبل وسيلتقي ممثلو الطرفين في جنيف",
    ),
    (
        "shift_jis",
        "日本の首相は水曜日、記者会見で新しい経済対策について説明した。家庭への支援を拡大すると述べた。",
    ),
    (
        "euc_jp",
        "日本の首相は水曜日、記者会見で新しい経済対策について説明した。家庭への支援を拡大すると述べた。",
    ),
    ("iso2022_jp", "日本の首相は水曜日、記者会見で新しい経済対策について説明した。"),
    ("gbk", "国防部长星期三表示，谈判将于下周继续进行。双方代表将在日内瓦会晤，讨论停火条件。"),
    ("big5", "國防部長星期三表示，談判將於下週繼續進行。雙方代表將在日內瓦會晤，討論停火條件。"),
    (
        "euc_kr",
        "국방부 장관은 수요일 협상이 다음 주에 계속될 것이라고 밝혔다. 제네바에서 만나 논의할 예정이다.",
    ),
    ("utf-8", "Emoji 👩‍👩‍👧, Ελληνικά, العربية and 中文 together."),
    ("utf-16-le", "Привет, мир. Это проверка без метки порядка байтов."),
    ("utf-16-be", "Plain English without a byte order mark."),
]


@pytest.mark.parametrize("repeats", [1, 30])
@pytest.mark.parametrize(("encoding", "text"), SAMPLES)
def test_samples_are_read_as_they_were_written(encoding: str, text: str, repeats: int) -> None:
    text = (text + "\n") * repeats
    assert decode(text.encode(encoding), HERE) == text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_decide(encoding: str) -> None:
    assert decode("Größe 中文".encode(encoding), HERE) == "Größe 中文"


def test_declared_encoding_is_believed_unless_the_bytes_are_utf8() -> None:
    assert decode("Größe".encode("latin-1"), HERE, "ISO-8859-1") == "Größe"
    assert decode(b"\x93yes\x94", HERE, "iso-8859-1") == "“yes”"
    assert decode("Größe".encode(), HERE, "iso-8859-1") == "Größe"
    assert decode(b"plain", HERE, "rot13") == "plain"


def test_stray_nuls_do_not_make_a_text_binary() -> None:
    assert decode(b"Hello \x00world, here is more text.\x00", HERE) == "Hello \x00world, here is more text.\x00"


@pytest.mark.parametrize(
    "data",
    [
        "Größe über alles. ".encode() * 5000 + b"\xff end",
        b"Plain words here. " * 5000 + b"\xff end",
        "naïve caf".encode() + b"\xc3",
    ],
)
def test_a_little_damage_costs_only_the_damaged_characters(data: bytes) -> None:
    text = decode(data, HERE)
    assert text.count("\ufffd") == 1
    assert text.replace("\ufffd", "").encode() in data.replace(b"\xff", b"")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a PNG image"),
        (b"%PDF-1.7 and so on", "a PDF document"),
        (b"PK\x03\x04\x14\x00\x06\x00", "a ZIP archive"),
        (bytes(range(32)) * 40, "binary data"),
    ],
)
def test_binary_data_is_refused_by_kind(data: bytes, kind: str) -> None:
    with pytest.raises(UnreadableFileError, match=rf"notes\.txt is not text: it looks like {kind}"):
        decode(data, HERE)


def test_a_text_may_begin_like_a_program() -> None:
    assert decode(b"MZ is a country code.", HERE) == "MZ is a country code."


@pytest.mark.parametrize(
    ("encoding", "names"),
    [("gb18030", ("陈晓", "李强")), ("cp932", ("山田たろう", "すずき"))],
    ids=["Chinese", "Japanese"],
)
def test_a_few_east_asian_names_in_a_latin_list_are_read(encoding: str, names: tuple[str, str]) -> None:
    rows = [f"E{2000 + n},{names[n % 2] if n < 3 else 'Peter Moss'},+86 138000000{n},Oban" for n in range(30)]
    text = "Code,Name,Phone,City\n" + "\n".join(rows)
    assert decode(text.encode(encoding), Path("staff.csv")) == text


@pytest.mark.parametrize("data", [b"", b" \r\n\t", b"\x00" * 50, b"\xef\xbb\xbf", b"\xff\xfe"])
def test_nothing_is_refused_as_empty(data: bytes) -> None:
    with pytest.raises(UnreadableFileError, match="is empty"):
        decode(data, HERE)


@pytest.mark.parametrize("data", [bytes(range(128, 256)) * 4, b"x\xff\xfe\xfd\xfc"])
def test_doubt_is_refused_with_what_to_do(data: bytes) -> None:
    with pytest.raises(UnreadableFileError, match=r"encoding cannot be told.*iconv") as refusal:
        decode(data, HERE)
    assert "\n" not in str(refusal.value)
