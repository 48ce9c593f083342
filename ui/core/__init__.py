"""What every interface needs: the queue, asking, cancelling, who asks, which documents. It imports no page, so that the
API, the page and the command line can all use it.
"""
