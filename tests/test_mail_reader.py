from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import UnreadableFileError
from index.reading.load import load

REPORT = (Path(__file__).parent / "files" / "report.pdf").read_bytes()
# As Thunderbird writes it: a subject in an encoded word, quoted-printable text, a named attachment.
MAIL = (
    b"Message-ID: <1@kestrel.example>\r\nDate: Tue, 17 Jun 2025 23:10:00 +0200\r\n"
    b"From: Lena Osei <lena@courier.example>\r\nTo: =?UTF-8?Q?J=C3=B3n_Grey?= <jon@harbour.example>\r\n"
    b"Subject: =?UTF-8?B?VGhlIG1pbmUgbWFwcyDigJMgYWdhaW4=?=\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="x1"\r\n\r\nThis is a multi-part message in MIME format.\r\n'
    b"--x1\r\nContent-Type: text/plain; charset=UTF-8; format=flowed\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    b"The maps were shown in 2021, he =E2=80=9Cswears=E2=80=9D it.\r\n\r\nCall me.\r\n"
    b'--x1\r\nContent-Type: text/csv; name="rents.csv"\r\nContent-Disposition: attachment; filename="rents.csv"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\nU3RhbGwsUmVudAo0LDMxMAo=\r\n--x1--\r\n"
)


def test_a_mail_has_its_subject_sender_and_day() -> None:
    document = load(Path("a.eml"), MAIL)
    assert document.title == "The mine maps – again"
    assert document.metadata == {"format": "mail", "author": "Lena Osei", "date": "2025-06-17"}
    assert document.text == (
        "From: Lena Osei <lena@courier.example>\nTo: Jón Grey <jon@harbour.example>\n"
        "Date: Tue, 17 Jun 2025 23:10:00 +0200\n\n"
        "The maps were shown in 2021, he “swears” it.\n\nCall me.\n\nAttachment: rents.csv"
    )


def test_html_is_read_where_there_is_no_plain_text() -> None:
    message = EmailMessage()
    message["From"] = "a@b.example"
    message["Subject"] = "News"
    message.set_content("<style>p{}</style><h1>Tram</h1><p>It <b>floods</b>.</p><script>x()</script>", subtype="html")
    assert load(Path("a.eml"), message.as_bytes()).text == "From: a@b.example\n\nTram\n\nIt floods."


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"Just words.", "is no mail"),
        (b"", "is empty"),
        (b'From: a@b.c\nContent-Type: multipart/encrypted; boundary="q"\n\n--q--', "encrypted mail"),
        (b"From: a@b.c\nContent-Type: application/pkcs7-mime\n\nMIAG", "encrypted mail"),
    ],
)
def test_what_is_no_readable_mail_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableFileError, match=message):
        load(Path("a.eml"), data)


def test_mails_within_mails_end() -> None:
    data = b"Subject: deep\n\nwords"
    for n in range(300):
        data = b'Subject: s\nContent-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n\n' % (n, n) + data
    try:
        load(Path("a.eml"), data)
    except UnreadableFileError as refusal:
        assert "\n" not in str(refusal)


@settings(max_examples=80, deadline=2000)
@given(cut=st.integers(0, len(MAIL)), at=st.integers(0, len(MAIL)), junk=st.binary(max_size=6))
def test_cut_or_spoilt_anywhere_it_is_read_or_refused(cut: int, at: int, junk: bytes) -> None:
    spoilt = (MAIL[:at] + junk + MAIL[at:])[:cut]
    try:
        assert load(Path("a.eml"), spoilt).text
    except UnreadableFileError as refusal:
        assert "\n" not in str(refusal)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "data",
    [
        b"Subject: " + b"=?utf-8?q?a?= " * 50_000 + b"\n\nWords.",
        b"From: " + b"((" * 50_000 + b"\n\nWords.",
        b"Subject: x\nContent-Type: text/plain; " + b"a*0*=b;" * 50_000 + b"\n\nWords.",
        b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 60_000,
    ],
    ids=["encoded words", "comments", "parameters", "parts"],
)
def test_a_mail_made_to_stall_the_parser_does_not(data: bytes) -> None:
    try:
        assert load(Path("a.eml"), data).text
    except UnreadableFileError as refusal:
        assert "\n" not in str(refusal)
