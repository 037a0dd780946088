"""What the library defines next is asked for by super() as before."""

from threading import Thread


class Worker(Thread):
    def __init__(self, *args):
        Thread.__init__(self, *args)
        super(Worker, self).setDaemon

    def run(self):
        return super().run()


class Leaf(Worker):
    def __init__(self):
        Worker.__init__(self)

    def start(self):
        Worker.start(self)
        return [super(Worker, self).name for _ in range(2)]


# output
class Leaf(Thread):
    def __init__(self):
        self._Worker_init()

    def start(self):
        super().start()
        return [super(__class__, self).name for _ in range(2)]

    # -- from Worker (library_base.py:6)
    def _Worker_init(self, *args):
        Thread.__init__(self, *args)
        super().setDaemon

    def run(self):
        return super().run()
