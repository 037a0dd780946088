"""Bodies of other indentation, and on one line."""


class Root: x = 1; y = 2


class Middle(Root):
  def f(self,
        a):
    text = '''
  stays
'''
    return (text +
  a)

  # about g
  def g(self): return 1


class Leaf(Middle): pass


# output
class Leaf:
    # -- from Middle (indentation.py:7)
    def f(self,
          a):
      text = '''
  stays
'''
      return (text +
    a)

    # about g
    def g(self): return 1

    # -- from Root (indentation.py:4)
    x = 1; y = 2
