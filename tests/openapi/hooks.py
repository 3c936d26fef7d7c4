"""What Schemathesis cannot know: how bytes of a component are sent."""

import schemathesis


@schemathesis.serializer("application/wasm")
def wasm(_context, value):
    if isinstance(value, bytes):
        return value
    return str(value).encode("utf-8", errors="surrogatepass")
