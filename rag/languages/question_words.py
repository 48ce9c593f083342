"""The words that questions are made with, and that their answers have, by language: data only.

Patterns are read without regard to case, on text without accents (ß as ss), except of languages without spaces.
"""

from dataclasses import dataclass

_MONEY = r"[€$£¥]|\beuros?\b|\d[.,]\d\d\b|%|\d (?:euros?|eur)\b"


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """The words of one language, each field a pattern, except ``light``: words that ask and name no subject.

    Those that ask for a kind of fact stand beside what an answer of that kind has: ``when`` and ``time``, ``price`` and
    ``money``, ``amount`` and ``number``, ``who`` and ``name``, ``why`` and ``reason``, ``leave`` and ``rule``.
    ``overview`` matches a whole question, with its subject where it names one.
    """

    when: str
    time: str
    price: str
    money: str
    amount: str
    number: str
    who: str
    why: str
    reason: str
    leave: str
    rule: str
    light: str
    overview: str
    library: str
    tool: str
    greeting: str
    thanks: str
    bye: str
    name: str = r"(?-i:\b[A-Z][\w'’-]+ (?:(?:de|da|do|dos|di|del|della|van|von|el|la|le|den|der) ){0,2}[A-Z]\w+)"


WORDS = {
    "de": QuestionWords(
        when=r"\b(?:wann|wie ?viel uhr|welche[mnrs]? (?:tag|datum|jahr|monat)\w*|wie spat)\b",
        time=r"\d|uhr\b|tag\b|tags\b|woche|monat|jahr|januar|februar|marz|april|\bmai\b|juni|juli|august|september"
        r"|oktober"
        r"|november|dezember|sommer|herbst|winter|fruhjahr|morgen|abend|mittag",
        price=r"\b(?:kostet|kosten|teuer|preis\w*|gebuhr\w*|zahl\w*|bezahl\w*|wie hoch (?:ist|sind))\b",
        money=_MONEY + r"|kostenlos|gratis|umsonst|freien? eintritt|prozent",
        amount=r"\b(?:wie ?viele?|wie (?:lang|lange|hoch|gross|alt|weit|oft|schnell|schwer|breit|tief))\b",
        number=r"\d|\b(?:kein\w*|ein(?:mal|e[rmn]?)?|zwei|drei|vier|funf|sechs|sieben|acht|neun|zehn|elf|zwolf"
        r"|hundert|"
        r"tausend|millionen|halb\w*)\b",
        who=r"\b(?:wer|wem|wen|wessen|wie heisst)\b",
        name=r"(?-i:\b(?:Herrn?|Frau|Dr\.|Prof\.) [A-Z]|\b[A-Z]\w+ (?:von |van |de )?[A-Z]\w+|Firma [A-Z])",
        why=r"\b(?:warum|weshalb|wieso|aus welchem grund)\b",
        reason=r"\b(?:weil|da|denn|wegen|grund|durch|aufgrund|deshalb|damit|erklar\w*|mit dem|ergab|ergeben)\b",
        leave=r"^(?:darf|durfen|kann|konnen|muss|mussen|soll|ist .*(?:erlaubt|verboten|gestattet|moglich)|sind "
        r".*(?:erlaubt"
        r"|verboten|gestattet))\b",
        rule=r"\b(?:darf|durfen|erlaubt|verboten|untersagt|gestattet|pflicht|mussen|muss|nicht|nur|kann|konnen)\b",
        light="wer wem wen wessen wann wo woher wohin was wie viel viele welche warum weshalb wieso lange hoch gross "
        "oft "
        "kostet kosten zahlen zahlt bezahlen preis teuer gibt heisst bitte mochte konnen kann darf durfen muss mussen "
        "finde findet statt erlaubt moglich sagen steht uhr machen macht man bekommen bekomme geht wurde wird "
        "mitbringen bringen nehmen haben erlaubt verboten",
        overview=r"worum geht (?:es|s)(?: (?:hier|in|im|bei) ?(?P<subject>.*))?|wovon handelt (?P<subject2>.+)|"
        r"(?:fasse?|fass) (?P<subject3>.+?) (?:kurz )?zusammen|(?:zusammenfassung|uberblick)(?: (?:von|uber|zu|des"
        r"|der)"
        r" (?P<subject4>.+))?|was steht (?:in|im) (?P<subject5>.+)",
        library=r"(?:wie ?viele|welche) (?:dokumente|dateien|unterlagen)(?: (?:gibt es|hast du|haben sie|sind .*"
        r"|liegen .*"
        r"))?|(?:zeige?|liste)(?: mir)?(?: alle| die)* (?:dokumente|dateien)(?: auf)?",
        tool=r"wer (?:bist du|sind sie)|was (?:kannst du|konnen sie)(?: alles)?(?: tun| machen)?|wie funktioniert das"
        r"(?: hier)?|hilfe",
        greeting=r"hallo|guten (?:tag|morgen|abend)|moin|servus|gruss gott|gruezi|hi",
        thanks=r"danke(?: schon| sehr| dir| ihnen)?|vielen dank|besten dank|super|prima",
        bye=r"tschuss|auf wiedersehen|ciao",
    ),
    "fr": QuestionWords(
        when=r"\b(?:quand|quelle heure|quelle date|quelle annee|quel(?:le)? (?:jour|mois|periode)|quels jours)\b",
        time=r"\d|heures?\b|jours?\b|semaine|mois\b|annee|janvier|fevrier|mars\b|avril|\bmai\b|juin|juillet|aout"
        r"|septembre"
        r"|octobre|novembre|decembre|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|matin|soir|midi",
        price=r"\b(?:cout\w*|prix|tarifs?|payer?|paie|paient|vaut|cher|montant|loyer)\b",
        money=_MONEY + r"|gratuit|pour cent",
        amount=r"\b(?:combien|quelle (?:taille|longueur|hauteur|superficie)|quel (?:age|nombre|est le nombre))\b",
        number=r"\d|\b(?:aucun\w*|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|vingt|cent|mille"
        r"|millions?|"
        r"moitie|demi\w*)\b",
        who=r"\bqui\b(?! (?:est|sont) (?:ouvert|permis|interdit))",
        why=r"\b(?:pourquoi|pour quelle raison)\b",
        reason=r"\b(?:car|parce|puisque|cause|raison|grace|afin|pour|en raison|suite)\b",
        leave=r"^(?:peut[- ]on|puis-je|est-ce qu\W?on peut|faut-il|doit-on|a-t-on le droit|est-il .*|.*\b(?:sont-ils|"
        r"sont-elles|est-il|est-elle) (?:autorise\w*|permis\w*|interdit\w*|admis\w*))",
        rule=r"interdi\w*|autoris\w*|\bpermis\w*|\badmis\w*|\bpeu(?:t|vent|x)\b|\bdoi(?:t|vent)\b|obligatoire|\bne\b"
        r"|\bfaut\b",
        light="qui que quoi quand ou combien pourquoi comment quel quelle quels quelles est ce coute couter prix "
        "paye payer "
        "paie vaut montant trouve situe peut peuvent puis faut heure donne dit appelle avoir compte fait faire "
        "autorise autorises autorisee permis interdit admis",
        overview=r"de quoi (?:parle|traite|s.agit-il)(?:-t-il)?(?: (?:dans )?(?P<subject>.+))?|(?:resume[rz]?|peux-tu "
        r"resumer|pouvez-vous resumer)(?:-moi)? (?P<subject2>.+)|(?:un )?resume(?: (?:de|du|des) ?(?P<subject3>.+))?",
        library=r"(?:combien de|quels) documents(?: (?:y a-t-il|as-tu|avez-vous|sont .*))?|(?:montre|liste)[rz]?"
        r"(?:-moi)?(?: tous)?(?: les)? documents",
        tool=r"qui (?:es-tu|etes-vous)|que (?:peux-tu|pouvez-vous|sais-tu|savez-vous) faire|comment ca marche|aide",
        greeting=r"bonjour|bonsoir|salut|coucou",
        thanks=r"merci(?: beaucoup| bien)?|super|parfait",
        bye=r"au revoir|a bientot|bonne journee",
    ),
    "es": QuestionWords(
        when=r"\b(?:cuando|que hora|que dia|que fecha|que ano|que mes|que horario)\b",
        time=r"\d|horas?\b|dias?\b|semana|mes\b|meses\b|ano\b|anos\b|enero|febrero|marzo|abril|mayo|junio|julio"
        r"|agosto|"
        r"septiembre|octubre|noviembre|diciembre|lunes|martes|miercoles|jueves|viernes|sabado|domingo|manana|noche",
        price=r"\b(?:cuesta\w*|cuestan|costo|costaron|costar\w*|precio|vale|valen|tarifa|paga\w*|importe)\b",
        money=_MONEY + r"|gratis|gratuit|por ciento|mitad|pesos?",
        amount=r"\b(?:cuant[oa]s?|que (?:altura|longitud|edad|tamano|superficie))\b",
        number=r"\d|\b(?:ningun\w*|un[oa]?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|veinte|cien\w*"
        r"|mil|"
        r"millones|mitad|medi[oa])\b",
        who=r"\bquien(?:es)?\b",
        why=r"\b(?:por que|por cual motivo|a que se debe)\b",
        reason=r"\b(?:porque|debido|causa|motivo|culpa\w*|ya que|puesto|gracias|por)\b",
        leave=r"^(?:se puede|puedo|podemos|se permite\w*|esta (?:permitido|prohibido)|hay que|es obligatorio|debo)\b",
        rule=r"prohibid\w*|permit\w*|\bpued\w*|\bdeb\w*|obligatori\w*|\bno\b|\bsolo\b|autoriz\w*",
        light="quien quienes que cuando donde cuanto cuanta cuantos cuantas por como cual cuales cuesta costaron "
        "costo vale "
        "precio paga hay puede puedo pueden esta estan tiene hora encuentra llama dice hacer hara ser permitido "
        "prohibido llevar",
        overview=r"de que (?:trata|habla|va)(?: (?P<subject>.+))?|(?:resum\w+|puedes resumir|haz un resumen de) "
        r"(?P<subject2>.+)|(?:un )?resumen(?: (?:de|del) ?(?P<subject3>.+))?",
        library=r"(?:cuantos|que|cuales) documentos(?: (?:hay|tienes|tiene|son .*))?|(?:muestra|lista|ensena)(?:me)?"
        r"(?: todos)?(?: los)? documentos",
        tool=r"quien (?:eres|es usted)|que (?:puedes|puede|sabes) hacer|como funciona(?: esto)?|ayuda",
        greeting=r"hola|buenos dias|buenas(?: tardes| noches)?",
        thanks=r"(?:muchas )?gracias|perfecto|genial",
        bye=r"adios|hasta (?:luego|pronto|manana)|chao",
    ),
    "it": QuestionWords(
        when=r"\b(?:quando|che ora|quale giorno|che giorno|quale anno|che data|quali giorni|che orari\w*)\b",
        time=r"\d|\bor[ae]\b|giorn|settiman|mes[ei]\b|ann[oi]\b|gennaio|febbraio|marzo|aprile|maggio|giugno|luglio"
        r"|agosto|"
        r"settembre|ottobre|novembre|dicembre|lunedi|martedi|mercoledi|giovedi|venerdi|sabato|domenica|mattin|sera\b",
        price=r"\b(?:cost[aoi]|costano|costera|prezz[oi]|paga\w*|tariff[ae]|vale)\b",
        money=_MONEY + r"|gratuit|per cento|gratis|non pagano",
        amount=r"\b(?:quant[oaei]|che (?:altezza|lunghezza|eta|superficie))\b",
        number=r"\d|\b(?:nessun\w*|un[oa]?|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|undici|dodici|venti"
        r"|trenta|cento|"
        r"mille|milion[ei]|meta|mezz[oa])\b",
        who=r"\bchi\b",
        why=r"\b(?:perche|come mai|per quale motivo)\b",
        reason=r"\b(?:perche|poiche|causa|motivo|grazie|dovut\w+|siccome|per)\b",
        leave=r"^(?:si puo|posso|possiamo|e (?:permesso|vietato|possibile|obbligatorio)|.* possono)\b",
        rule=r"viet\w*|permess\w*|\bpuo\b|\bpossono\b|\bdev\w*|obbligatori\w*|\bnon\b|\bsolo\b|soltanto|consentit\w*",
        light="chi che cosa quando dove quanto quanta quanti quante perche come quale quali qual costa costo costano "
        "prezzo "
        "paga si puo posso possono trova ora chiama dice fa ce avuto avere giorno permesso vietato stare",
        overview=r"(?:di|de) (?:che )?cosa (?:parla|tratta|si parla)(?: (?:in|nel|nella)?(?P<subject>.+))?"
        r"|(?:riassumi\w*|"
        r"riassumere|puoi riassumere) (?P<subject2>.+)|(?:un )?riassunto(?: (?:di|del|della|dei) ?(?P<subject3>.+))?",
        library=r"(?:quanti|quali) documenti(?: (?:ci sono|hai|sono .*))?|(?:mostra|elenca)(?:mi)?(?: tutti)?(?: i)? "
        r"documenti",
        tool=r"chi sei|cosa (?:sai|puoi) fare|come funziona|aiuto",
        greeting=r"ciao|buon ?giorno|buona ?sera|salve",
        thanks=r"(?:molte |mille )?grazie(?: mille)?|perfetto|ottimo",
        bye=r"arrivederci|a presto|addio",
    ),
    "pt": QuestionWords(
        when=r"\b(?:quando|que horas?|que dia|que data|que ano|que mes|qual (?:e )?o horario)\b",
        time=r"\d|horas?\b|dias?\b|semana|mes\b|meses\b|anos?\b|janeiro|fevereiro|marco|abril|maio|junho|julho|agosto|"
        r"setembro|outubro|novembro|dezembro|segunda|terca|quarta|quinta|sexta|sabado|domingo|manha|noite",
        price=r"\b(?:custa\w*|custou|custo|preco|pag\w+|taxa|quanto e|valor)\b",
        money=_MONEY + r"|gratis|gratuit|por cento|reais",
        amount=r"\b(?:quant[oa]s?|que (?:altura|comprimento|idade|tamanho|area))\b",
        number=r"\d|\b(?:nenhum\w*|uma?|dois|duas|tres|quatro|cinco|seis|sete|oito|nove|dez|onze|doze|vinte|cem|mil|"
        r"milhoes|metade|mei[oa])\b",
        who=r"\bquem\b",
        why=r"\b(?:por ?que|porque|qual o motivo)\b",
        reason=r"\b(?:porque|pois|devido|causa|motivo|gracas|por)\b",
        leave=r"^(?:pode[- ]se|posso|podemos|e (?:permitido|proibido|possivel|obrigatorio)|e preciso|devo)\b",
        rule=r"proibi\w*|permiti\w*|\bpod\w*|\bdev\w*|obrigatori\w*|\bnao\b|\bso\b|autoriz\w*",
        light="quem que quando onde quanto quanta quantos quantas porque como qual quais custa custou custo preco "
        "paga ha "
        "houve pode posso podem fica tem ter horas chama diz fazer ser permitido proibido levar",
        overview=r"(?:de|sobre) (?:o )?que (?:trata|fala|se trata)(?: (?P<subject>.+))?|(?:resum\w+|podes resumir"
        r"|pode "
        r"resumir) (?P<subject2>.+)|(?:um )?resumo(?: (?:de|do|da) ?(?P<subject3>.+))?",
        library=r"(?:quantos|que|quais) documentos(?: (?:ha|tens|tem|existem|sao .*))?|(?:mostra|lista)(?:-me)?(?: "
        r"todos)?"
        r"(?: os)? documentos",
        tool=r"quem (?:es|e voce|es tu)|o que (?:sabes|podes|pode|voce pode) fazer|como (?:isto )?funciona|ajuda",
        greeting=r"ola|oi|bom dia|boa (?:tarde|noite)",
        thanks=r"(?:muito )?obrigad[oa]|perfeito|otimo",
        bye=r"adeus|ate (?:logo|breve|amanha)|tchau",
    ),
    "nl": QuestionWords(
        when=r"\b(?:wanneer|hoe laat|welke (?:dag|datum|maand)|welk jaar|openingstijden|tijden|\w+tijden)\b",
        time=r"\d|\buur\b|dag\b|dagen\b|week|maand|jaar|januari|februari|maart|april|\bmei\b|juni|juli|augustus"
        r"|september|"
        r"oktober|november|december|ochtend|avond|middag|zomer|winter",
        price=r"\b(?:kost|kosten|prijs|betaal\w*|duur|tarief|hoe hoog)\b",
        money=_MONEY + r"|gratis|kosteloos|procent",
        amount=r"\b(?:hoeveel|hoe (?:lang|hoog|groot|oud|ver|vaak|snel|zwaar|breed|diep))\b",
        number=r"\d|\b(?:geen|een|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|elf|twaalf|twintig|honderd|duizend"
        r"|miljoen|"
        r"half|helft|keer)\b",
        who=r"\b(?:wie|van wie|hoe heet)\b",
        why=r"\b(?:waarom|hoezo|waardoor)\b",
        reason=r"\b(?:omdat|doordat|want|wegens|vanwege|door|daarom|reden|komt)\b",
        leave=r"^(?:mag|mogen|kan|kun|kunnen|moet|moeten|is het (?:toegestaan|verboten|mogelijk))\b",
        rule=r"\b(?:mag|mogen|verboden|toegestaan|verplicht|moet|moeten|niet|geen|alleen|kan|kunnen)\b",
        light="wie wat wanneer waar hoe hoeveel waarom welke welk kost kosten prijs betaal betalen hoog lang vaak "
        "laat mag "
        "mogen kan kun kunnen moet staat vind ligt heet zegt maken naartoe uur krijg krijgen toegestaan verboden "
        "meenemen",
        overview=r"waar (?:gaat|handelt) (?P<subject>.+?) over|(?:vat|geef) (?P<subject2>.+?) (?:kort )?samen|"
        r"(?:een )?samenvatting(?: van (?P<subject3>.+))?|wat staat er in (?P<subject4>.+)",
        library=r"(?:hoeveel|welke) documenten(?: (?:zijn er|heb je|heeft u|staan .*))?|(?:toon|laat)(?: me)?(?: alle"
        r"| de)*"
        r" documenten(?: zien)?",
        tool=r"wie ben (?:je|jij)|wie bent u|wat (?:kun je|kan je|kunt u)(?: allemaal)?(?: doen)?|hoe werkt (?:dit"
        r"|het)|help|hulp",
        greeting=r"hallo|hoi|goede(?:morgen|middag|navond)|goeden? ?dag|dag",
        thanks=r"(?:hartelijk )?(?:dank(?: je| u)?(?: wel)?|bedankt)|dank(?:je|u)wel|prima|top",
        bye=r"tot ziens|doei|tot later",
    ),
    "zh": QuestionWords(
        when=r"什么时候|何时|几点|哪(?:一)?(?:年|天|月|日)|几月|几号|多久|星期几|周几",
        time=r"\d|[年月日号点时周天]|星期|上午|下午|晚上",
        price=r"多少钱|价格|费用|收费|票价|几元|几块",
        money=r"[元角分块￥¥]|免费|不收费|百分之",
        amount=r"多少|几[^月号点年]|多[长高大重远久深宽]",
        number=r"\d|[一二三四五六七八九十百千万亿两零〇]",
        who=r"谁|哪(?:一)?位|何人|什么人",
        name=r"[^\W\d_]{2,}",
        why=r"为什么|为何|怎么会|什么原因",
        reason=r"因为|由于|因此|因|所以|原因|导致",
        leave=r"^(?:可以|能|能不能|可不可以|允许|是否).*|.*(?:可以吗|行吗|允许吗)",
        rule=r"不得|禁止|可以|可|允许|不能|须|必须|除外|不外借",
        light="多少钱 什么时候 为什么 有多少 是多少 多少 什么 怎么样 怎么 哪里 哪儿 哪个 哪些 哪一年 哪年 哪一天 哪 "
        "几点 几个 几本 几人 几年 几 一 谁 何时 请问 可以 能 吗 呢 "
        "一共 一个 的 了 是 在 有 由 我们 我 你 您 会 被 带 进 把 能否",
        overview=r"(?:请)?(?:总结|概括|归纳)(?:一下)?(?P<subject>.*)|(?P<subject2>.*?)(?:讲|说)(?:的是|了)?(?:什么"
        r"|些什么)|"
        r"(?P<subject3>.+?)的(?:主要内容|摘要|概要|要点)(?:是什么)?",
        library=r"(?:一共|总共)?有(?:多少|几|哪些)(?:个|份|篇)?(?:文档|文件|资料)|(?:列出|显示)(?:所有|全部)?(?:文档"
        r"|文件|资料)",
        tool=r"你是谁|你能做什么|你会做什么|怎么用|怎么使用|帮助",
        greeting=r"你好|您好|早上好|晚上好|嗨",
        thanks=r"(?:非常)?(?:谢谢|感谢)(?:你|您)?|太好了",
        bye=r"再见|拜拜",
    ),
    "ja": QuestionWords(
        when=r"いつ|何時|何日|何月|何年|何曜日",
        time=r"\d|[年月日時曜]|週間|午前|午後|末",
        price=r"いくら|料金|値段|費用|何円",
        money=r"円|無料|割|百分",
        amount=r"何[人名軒台個本回枚歳件メ階]|いくつ|どのくらい|どれくらい|何メートル|どれだけ",
        number=r"\d|[一二三四五六七八九十百千万億〇]",
        who=r"誰|だれ|どなた|何という人",
        name=r"さん|氏|[\u4e00-\u9fff]{3,5}(?:です|が|は|を|さん)|[\u30a1-\u30fa]{3,}|建設|会社",
        why=r"なぜ|どうして|何故|理由は",
        reason=r"ため|から|ので|理由|原因",
        leave=r".*(?:できますか|いいですか|可能ですか|てもいい|ますか)",
        rule=r"禁止|できます|ください|認め|必要|可能|限り|使えます",
        light="どのくらい どれくらい いくら いくつ いつ 何時 何日 何月 何年 何曜日 何円 何人 何名 何軒 何台 何個 "
        "何本 何回 何枚 何メートル 誰 だれ どなた "
        "どこ なぜ どうして どう 何 ありますか ですか ますか ください 教えて",
        overview=r"(?P<subject>.*?)(?:を|の)?(?:要約|まとめ)(?:して|を)?(?:ください|て)?|(?P<subject2>.+?)(?:は"
        r"|には)?(?:何に"
        r"ついて|どんな内容|何が書)(?:.*)",
        library=r"(?:文書|資料|ファイル|ドキュメント)(?:は|が)?(?:何件|いくつ|どれだけ)(?:ありますか|ある)?|(?:文書"
        r"|資料|ファイル)の一覧",
        tool=r"あなたは誰(?:ですか)?|何ができますか|使い方(?:は|を教えて)?|ヘルプ",
        greeting=r"こんにちは|こんばんは|おはよう(?:ございます)?|はじめまして",
        thanks=r"ありがとう(?:ございます|ございました)?|どうも",
        bye=r"さようなら|じゃあね|またね",
    ),
}
