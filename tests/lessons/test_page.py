from pellucid.lessons import page


def test_paragraphs_are_filled_and_drawings_kept(capsys):
    page.say("""
        word word
        word

            a    drawing
              of two lines

        end
        """)
    assert capsys.readouterr().out == "word word word\n\n    a    drawing\n      of two lines\n\nend\n"


def test_a_blank_line_before_is_kept(capsys):
    page.say("""

        after numbers
        """)
    assert capsys.readouterr().out == "\nafter numbers\n"


def test_no_line_is_wider_than_the_page(capsys):
    page.say("word " * 200)
    assert max(map(len, capsys.readouterr().out.splitlines())) <= page.WIDTH
