"""English words of reported speech: verbs that report, nouns for speakers, titles, and nouns for what is said."""

# Their subject has spoken or written, whatever follows.
REPORTING_VERBS = frozenset(
    (
        "said says told tells warned warns argued argues insisted insists announced announces claimed claims denied "
        "denies promised promises tweeted tweets replied replies explained explains declared declares acknowledged "
        "acknowledges admitted admits stressed stresses emphasised emphasises emphasized emphasizes urged urges vowed "
        "vows pledged pledges predicted predicts conceded concedes complained complains contended contends reiterated "
        "reiterates remarked remarks testified testifies cautioned cautions countered counters joked joke quipped "
        "accused accuses criticised criticises criticized criticizes condemned condemns asserted asserts alleged "
        "alleges apologised apologises apologized apologizes threatened threatens demanded demands lamented laments "
        "retorted recommended recommends responded responds commented comments protested"
    ).split()
)
# These report only with a clause or a quotation: "added that …", but "added two routes".
CLAUSE_REPORTING_VERBS = frozenset(
    (
        "added adds wrote writes noted notes observed observes maintained maintains suggested suggests indicated "
        "indicates stated states confirmed confirms revealed reveals disclosed discloses recalled recalls reported "
        "reports posted posts hinted hints repeated repeats concluded concludes continued continues agreed agrees "
        "proposed proposes asked asks answered answers estimated estimates called calls described describes dismissed "
        "dismisses rejected rejects praised praises welcomed welcomes defended defends blamed blames disputed disputes "
        "believes thinks went"
    ).split()
)
ANY_REPORTING_VERBS = REPORTING_VERBS | CLAUSE_REPORTING_VERBS
REPORTING_PARTICIPLES = frozenset(
    (
        "saying adding warning arguing insisting claiming telling promising explaining noting writing stressing "
        "urging vowing pledging predicting announcing denying accusing calling describing"
    ).split()
)
# Verbs that may stand before their subject: “…,” said the mayor.
INVERTIBLE_VERBS = frozenset(
    (
        "said says added adds wrote writes warned argued insisted replied explained asked announced declared admitted "
        "noted observed continued recalled joked conceded tweeted countered claimed complained"
    ).split()
)
# "the mayor's warning that …"
SPEECH_NOUNS = frozenset(
    (
        "statement remarks remark comments comment warning claim claims promise pledge announcement assertion argument "
        "insistence suggestion prediction accusation demand speech letter denial allegation assurance complaint plea "
        "call proposal admission vow words message post tweet"
    ).split()
)

# Words before a name that are not part of it.
HONORIFICS = frozenset("mr mrs ms miss dr sir dame lord lady prof professor".split())
OFFICE_TITLES = frozenset(
    "president minister secretary mayor senator captain judge inspector chief governor director prime".split()
)
ABBREVIATED_TITLES = frozenset("mr mrs ms dr prof sen rep gov gen col sgt capt lt rev st jr sr".split())

ROLES = frozenset(
    (
        "master president vice-president premier chancellor minister secretary undersecretary ambassador envoy "
        "commissioner governor mayor mayoress deputy councillor councilor senator congressman congresswoman lawmaker "
        "mp leader chief chair chairman chairwoman chairperson director manager head executive ceo boss founder owner "
        "partner spokesman spokeswoman spokesperson judge magistrate prosecutor lawyer attorney solicitor barrister "
        "sheriff officer inspector superintendent detective constable captain colonel general major lieutenant "
        "sergeant admiral commander professor doctor dr scientist researcher engineer architect economist analyst "
        "expert historian biologist geologist hydrologist ecologist epidemiologist surgeon nurse teacher headteacher "
        "principal headmaster headmistress rector dean coach trainer striker goalkeeper keeper midfielder player "
        "referee farmer fisherman skipper driver pilot baker shopkeeper landlord landlady tenant resident neighbour "
        "neighbor witness victim mother father son daughter brother sister widow wife husband author writer poet "
        "novelist singer actor actress artist musician conductor curator librarian editor reporter journalist "
        "correspondent bishop archbishop pope priest vicar imam rabbi king queen prince princess duke duchess sir "
        "dame lord lady mr mrs ms miss campaigner activist organiser organizer volunteer treasurer auditor surveyor "
        "planner harbourmaster harbormaster ombudsman regulator adviser advisor aide delegate negotiator "
        "representative candidate student pupil pensioner worker union-leader investor clerk warden ranger coroner "
        "pathologist toxicologist vet veterinarian plumber electrician mechanic builder developer contractor "
        "minister-president speaker whip republican democrat"
    ).split()
)
GROUPS = frozenset(
    (
        "officials ministers residents critics campaigners activists experts analysts scientists researchers lawyers "
        "police prosecutors lawmakers senators councillors farmers fishermen neighbours neighbors witnesses parents "
        "teachers doctors nurses workers unions leaders authorities investigators engineers economists organisers "
        "organizers protesters opponents supporters aides diplomats sources allies executives staff students tenants "
        "traders shopkeepers drivers families relatives members inspectors firefighters rescuers government council "
        "ministry department agency office board committee company firm union association party court parliament "
        "commission authority bank university hospital school club federation charity group institute "
        "foundation bureau service embassy palace kremlin pentagon administration team operator utility corporation "
        "trust society museum airline railway port inspectorate watchdog tribunal assembly senate congress"
    ).split()
)
SPEAKER_NOUNS = ROLES | GROUPS
# They hold words, but what they say is nobody's speech.
DOCUMENT_NOUNS = frozenset(
    (
        "agreement contract law bill act treaty rule rules constitution charter deal accord protocol clause article "
        "text document paper page sign label dictionary proverb saying bible legend rumour rumor survey poll study "
        "theory theorem principle hypothesis model data figures number numbers clock gauge map manual notice report "
        "statement letter email memo story book"
    ).split()
)
FAMILY = frozenset(
    (
        "kid child baby toddler son daughter boy girl mother mum mom father dad parent wife husband partner brother "
        "sister friend colleague neighbour neighbor guest grandmother grandfather gran grandpa old"
    ).split()
)
MALE_WORDS = frozenset(
    (
        "mr sir lord king prince duke spokesman chairman congressman fisherman landlord headmaster father son brother "
        "husband actor priest pope"
    ).split()
)
FEMALE_WORDS = frozenset(
    (
        "mrs ms miss dame lady queen princess duchess spokeswoman chairwoman congresswoman landlady headmistress "
        "mother daughter sister widow wife actress mayoress"
    ).split()
)
