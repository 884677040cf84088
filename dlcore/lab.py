"""What `make lab` adds to JupyterLab: a slider's picture reaches the browser at once."""

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """The kernel's line to the browser, without waiting to fill a packet.

    A moved slider is answered by several small messages, the picture last. By default TCP holds a small message back
    until the one before is confirmed, and a browser may take 40 ms for that: more than drawing the picture takes.
    Paper: Nagle 1984, RFC 896.
    """

    def connect(self):
        self.websocket_handler.set_nodelay(True)
        return super().connect()
