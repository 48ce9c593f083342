"""The interfaces for programs: REST, OpenAI and MCP, over one pipeline and with one set of records. They import no
page.
"""
