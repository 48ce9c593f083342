"""Tell whose words the sentences of a document report, by rules over its text."""
