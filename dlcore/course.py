"""The command `dlcore`: the instructor's and the learner's tools by name."""

import argparse
import sys


def run(arguments):
    from .run import run

    run(arguments.chapters, arguments.check)


def rehome(arguments):
    from .rehome import rehome

    rehome(arguments.url)


def stamp(arguments):
    from .stamp import stamp

    stamp(arguments.commit, arguments.folder)


def student(arguments):
    from .student import student

    student(arguments.folder, arguments.chapters)


def grade(arguments):
    if sys.platform == "win32":
        raise SystemExit("dlcore grade: Windows cannot shut a process in: use Linux, for example in WSL or a container")
    from .grade import grade

    grade(arguments.folder, arguments.chapters)


def new(arguments):
    from .new import new

    new(arguments.number, arguments.word)


def margins(arguments):
    from .margins import margins

    margins(arguments.chapters)


def progress(arguments):
    from .solved import progress

    progress()


def main(arguments=None):
    """The entry point of the command `dlcore`."""
    parser = argparse.ArgumentParser(prog="dlcore", description="The course's own tool.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(call, told):
        made = commands.add_parser(call.__name__, help=told, description=told)
        made.set_defaults(call=call)
        return made

    added = command(run, "execute chapters, several at a time, and store their canonical outputs")
    added.add_argument("chapters", nargs="*", metavar="NN", help="chapter numbers; all where none is given")
    added.add_argument("--check", action="store_true", help="execute and report only, store nothing")
    added = command(student, "write copies of chapters without their solutions")
    added.add_argument("folder", metavar="DIR")
    added.add_argument("chapters", nargs="*", metavar="NN", help="chapter numbers; all where none is given")
    added = command(grade, "run the exercise checks over a folder of returned notebooks, into table.csv and table.html")
    added.add_argument("folder", metavar="DIR")
    added.add_argument("chapters", nargs="*", metavar="NN", help="chapters that count; all where none is given")
    added = command(new, "write a new chapter to begin with, which passes all tests")
    added.add_argument("number", metavar="NN")
    added.add_argument("word")
    added = command(margins, "show how far each claim is from its bound, under five seeds and two numbers of threads")
    added.add_argument("chapters", nargs="*", metavar="NN", help="chapter numbers; all where none is given")
    command(progress, "show which exercises are solved on this computer")
    added = command(rehome, "stamp another repository's address into the course")
    added.add_argument("url", metavar="https://github.com/OWNER/NAME")
    added = command(stamp, "let copies of chapters install, in Colab, the course as it was at a commit")
    added.add_argument("commit", metavar="SHA")
    added.add_argument("folder", metavar="DIR")

    chosen = parser.parse_args(arguments)
    chosen.call(chosen)


if __name__ == "__main__":
    sys.exit(main())
