"""The fixed words of an answer in other languages than English: data, and how they are chosen."""

import re
from dataclasses import dataclass

from index.text.language import question_language


@dataclass(frozen=True, slots=True)
class Messages:
    """What the product says in one language; ``{count}`` is a number of documents, ``{what}`` a name.

    ``one`` and ``many`` name the documents within ``nothing`` (nothing answers) and ``unsure`` (nothing surely
    does). ``other_language`` is said where no document is in the language of the question.
    """

    nothing: str
    unsure: str
    one: str
    many: str
    not_mentioned: str
    no_documents: str
    other_language: str
    hello: str
    welcome: str
    goodbye: str
    tool: str
    library: str
    in_short: str


MESSAGES = {
    "de": Messages(
        nothing="Ich habe in {documents} nichts gefunden, was das beantwortet.",
        unsure="Ich habe in {documents} nichts gefunden, was das sicher beantwortet.",
        one="Ihrem Dokument",
        many="Ihren {count} Dokumenten",
        not_mentioned="Über {what} steht hier nichts.",
        no_documents="Es gibt noch keine Dokumente, aus denen ich antworten könnte.",
        other_language="Ihre Dokumente sind in einer anderen Sprache als diese Frage, und über Sprachen hinweg "
        "finde ich wenig. Fragen Sie in der Sprache der Dokumente, oder stellen Sie ein mehrsprachiges "
        "Einbettungsmodell (--model) oder ein Sprachmodell (--llm) ein.",
        hello="Hallo! Fragen Sie mich etwas zu Ihren Dokumenten, zum Beispiel „Worum geht es hier?“",
        welcome="Gern geschehen. Fragen Sie ruhig weiter zu Ihren Dokumenten.",
        goodbye="Auf Wiedersehen.",
        tool="Ich bin Onrecord. Ich beantworte Fragen nur aus Ihren Dokumenten: Jeder Satz trägt eine Nummer, die "
        "zu den genauen Worten führt, und wenn die Dokumente nichts sagen, sage ich das.",
        library="Ich habe Folgendes in {documents}:",
        in_short="{what}, kurz gefasst:",
    ),
    "fr": Messages(
        nothing="Je n'ai rien trouvé qui réponde à cette question dans {documents}.",
        unsure="Je n'ai rien trouvé qui réponde sûrement à cette question dans {documents}.",
        one="votre document",
        many="vos {count} documents",
        not_mentioned="Il n'y a rien ici sur {what}.",
        no_documents="Il n'y a pas encore de documents pour répondre.",
        other_language="Vos documents sont dans une autre langue que cette question, et je trouve peu de choses "
        "d'une langue à l'autre. Posez la question dans la langue des documents, ou choisissez un modèle "
        "d'embedding multilingue (--model) ou un modèle de langue (--llm).",
        hello="Bonjour ! Posez-moi une question sur vos documents, par exemple « De quoi parle ce document ? »",
        welcome="Je vous en prie. N'hésitez pas à poser d'autres questions sur vos documents.",
        goodbye="Au revoir.",
        tool="Je suis Onrecord. Je réponds uniquement à partir de vos documents : chaque phrase porte un numéro "
        "qui mène aux mots exacts, et quand les documents ne disent rien, je le dis.",
        library="Voici {documents} :",
        in_short="{what}, en bref :",
    ),
    "es": Messages(
        nothing="No he encontrado nada que responda a esto en {documents}.",
        unsure="No he encontrado nada que responda con seguridad a esto en {documents}.",
        one="su documento",
        many="sus {count} documentos",
        not_mentioned="Aquí no hay nada sobre {what}.",
        no_documents="Todavía no hay documentos con los que responder.",
        other_language="Sus documentos están en otro idioma que esta pregunta, y entre idiomas encuentro poco. "
        "Pregunte en el idioma de los documentos, o elija un modelo de embeddings multilingüe (--model) o un "
        "modelo de lenguaje (--llm).",
        hello="¡Hola! Pregúnteme algo sobre sus documentos, por ejemplo «¿De qué trata este documento?»",
        welcome="De nada. Pregunte lo que quiera sobre sus documentos.",
        goodbye="Adiós.",
        tool="Soy Onrecord. Respondo solo con sus documentos: cada frase lleva un número que conduce a las "
        "palabras exactas, y cuando los documentos no lo dicen, lo digo.",
        library="Estos son {documents}:",
        in_short="{what}, en resumen:",
    ),
    "it": Messages(
        nothing="Non ho trovato nulla che risponda a questa domanda {documents}.",
        unsure="Non ho trovato nulla che risponda con certezza a questa domanda {documents}.",
        one="nel suo documento",
        many="nei suoi {count} documenti",
        not_mentioned="Qui non c'è nulla su {what}.",
        no_documents="Non ci sono ancora documenti da cui rispondere.",
        other_language="I suoi documenti sono in un'altra lingua rispetto a questa domanda, e tra una lingua e "
        "l'altra trovo poco. Faccia la domanda nella lingua dei documenti, oppure scelga un modello di embedding "
        "multilingue (--model) o un modello linguistico (--llm).",
        hello="Buongiorno! Mi chieda qualcosa sui suoi documenti, per esempio «Di cosa parla questo documento?»",
        welcome="Prego. Mi chieda pure altro sui suoi documenti.",
        goodbye="Arrivederci.",
        tool="Sono Onrecord. Rispondo solo dai suoi documenti: ogni frase porta un numero che rimanda alle parole "
        "esatte, e quando i documenti non dicono nulla, lo dico.",
        library="Ecco che cosa c'è {documents}:",
        in_short="{what}, in breve:",
    ),
    "pt": Messages(
        nothing="Não encontrei nada que responda a isto {documents}.",
        unsure="Não encontrei nada que responda com certeza a isto {documents}.",
        one="no seu documento",
        many="nos seus {count} documentos",
        not_mentioned="Aqui não há nada sobre {what}.",
        no_documents="Ainda não há documentos com que responder.",
        other_language="Os seus documentos estão noutra língua que esta pergunta, e entre línguas encontro pouco. "
        "Pergunte na língua dos documentos, ou escolha um modelo de embeddings multilingue (--model) ou um modelo "
        "de linguagem (--llm).",
        hello="Olá! Pergunte-me algo sobre os seus documentos, por exemplo «De que trata este documento?»",
        welcome="De nada. Pergunte o que quiser sobre os seus documentos.",
        goodbye="Até breve.",
        tool="Sou o Onrecord. Respondo só a partir dos seus documentos: cada frase tem um número que leva às "
        "palavras exatas, e quando os documentos não dizem nada, digo-o.",
        library="Eis o que há {documents}:",
        in_short="{what}, em resumo:",
    ),
    "nl": Messages(
        nothing="Ik heb niets gevonden dat dit beantwoordt in {documents}.",
        unsure="Ik heb niets gevonden dat dit zeker beantwoordt in {documents}.",
        one="uw document",
        many="uw {count} documenten",
        not_mentioned="Hier staat niets over {what}.",
        no_documents="Er zijn nog geen documenten om uit te antwoorden.",
        other_language="Uw documenten zijn in een andere taal dan deze vraag, en tussen talen vind ik weinig. Stel "
        "de vraag in de taal van de documenten, of kies een meertalig embeddingmodel (--model) of een taalmodel "
        "(--llm).",
        hello="Hallo! Vraag me iets over uw documenten, bijvoorbeeld ‘Waar gaat dit document over?’",
        welcome="Graag gedaan. Vraag gerust verder over uw documenten.",
        goodbye="Tot ziens.",
        tool="Ik ben Onrecord. Ik antwoord alleen uit uw documenten: elke zin heeft een nummer dat naar de "
        "precieze woorden leidt, en als de documenten niets zeggen, zeg ik dat.",
        library="Dit zijn {documents}:",
        in_short="{what}, in het kort:",
    ),
    "zh": Messages(
        nothing="在{documents}中没有找到可以回答这个问题的内容。",
        unsure="在{documents}中没有找到可以确切回答这个问题的内容。",
        one="您的文档",
        many="您的{count}个文档",
        not_mentioned="这里没有提到{what}。",
        no_documents="还没有可以用来回答的文档。",
        other_language="您的文档与这个问题的语言不同，我很难跨语言查找。请用文档的语言提问，"
        "或者选用多语言嵌入模型（--model）或语言模型（--llm）。",
        hello="您好！请就您的文档提问，例如“这份文档讲了什么？”",
        welcome="不客气。欢迎继续就您的文档提问。",
        goodbye="再见。",
        tool="我是 Onrecord。我只根据您的文档回答：每句话都带有编号，指向原文；文档没有说的，我会直说。",
        library="以下是{documents}：",
        in_short="{what}，概要：",
    ),
    "ja": Messages(
        nothing="{documents}の中に、この質問に答える内容は見つかりませんでした。",
        unsure="{documents}の中に、この質問に確実に答える内容は見つかりませんでした。",
        one="あなたの文書",
        many="あなたの{count}件の文書",
        not_mentioned="{what}についての記述はありません。",
        no_documents="回答に使える文書がまだありません。",
        other_language="文書は質問とは別の言語で書かれており、言語をまたいで探すことはほとんどできません。"
        "文書の言語で質問するか、"
        "多言語の埋め込みモデル（--model）または言語モデル（--llm）を設定してください。",
        hello="こんにちは。文書について質問してください。例：「この文書の要約」",
        welcome="どういたしまして。文書について何でもお尋ねください。",
        goodbye="さようなら。",
        tool="私は Onrecord です。文書だけをもとに答えます。各文の番号から元の言葉を開けます。"
        "文書に書かれていないことは、そうお伝えします。",
        library="{documents}は次のとおりです：",
        in_short="{what}の要点：",
    ),
}


OTHER_LANGUAGE = (
    "Your documents are in another language than this question, and I find little across languages. Ask in the "
    "language of the documents, or set a multilingual embedding model (--model) or a language model (--llm)."
)
"""What ``other_language`` is in English."""


def messages_for(question: str) -> Messages | None:
    """Return the messages in the language of ``question``; None where it is English or not sure."""
    return MESSAGES.get(question_language(question))


def documents_named(messages: Messages, count: int) -> str:
    """Name so many documents, as ``nothing``, ``unsure`` and ``library`` hold them."""
    return messages.one if count == 1 else messages.many.format(count=f"{count:,}")


def is_translated_refusal(text: str) -> bool:
    """Tell whether ``text`` is a refusal in one of the languages of ``MESSAGES``."""
    return any(pattern.match(text) for pattern in _REFUSALS)


_REFUSALS = tuple(
    re.compile(re.sub(r"\\\{\w+\\\}", ".+", re.escape(template)))
    for one in MESSAGES.values()
    for template in (one.nothing, one.unsure, one.not_mentioned, one.no_documents, one.other_language)
)
