"""Read documents of office programs: Word, PowerPoint, Excel, OpenDocument, RTF."""
