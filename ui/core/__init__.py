"""What every interface needs: the queue, asking in turn, stopping, who asks, which documents. Imports no page."""
