"""Web Push: a browser is told by its maker's push service that a video is ready, though the page is closed."""
