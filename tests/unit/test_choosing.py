"""What is chosen on the command line, in files and in lists: held to the model, and told where it is wrong."""

import codecs
import json
import os
from pathlib import Path

import pytest

from leyline.client import choosing
from leyline.client.choosing import Choices, Said, WrongChoices, from_text, in_file, on_line
from leyline.client.picking import left_out
from leyline.client.picture import Picture
from leyline.parameters.schema import Schema
from model_proc.parameters import schema_of
from tests.models.choosing import Chooses, ChoosesLess

COMMAND = Path(__file__).parent.parent.parent / "docs" / "command.md"
SCHEMA = Schema(schema_of(Chooses.Parameters))
WITHOUT_PROMPT = Schema(schema_of(None))


@pytest.fixture
def folder(tmp_path):
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (tmp_path / name).touch()
    return tmp_path


def of_list(folder, content, name="jobs.csv", **origins):
    """The choices of a list in this folder."""
    (folder / name).write_text(content)
    choices = Choices([], **origins)
    choices.add_list(str(folder / name))
    return choices


def settled(choices, schema=SCHEMA):
    """Each picture's name and its parameters."""
    choices.settle(schema)
    return [(picture.path.name, picture.parameters) for picture in choices.pictures]


def wrong(choices, schema=SCHEMA):
    with pytest.raises(WrongChoices) as caught:
        choices.settle(schema)
    return caught.value.sentences


# Values as people type them


@pytest.mark.parametrize(
    ("name", "typed", "meant"),
    [
        ("prompt", "4", "4"),
        ("prompt", "true", "true"),
        ("prompt", "", ""),
        ("prompt", " two\r\nlines\rmore ", " two\nlines\nmore "),
        ("direction", " in ", "in"),
        ("seconds", "4", 4),
        ("seconds", " 2.5 ", 2.5),
        ("seconds", ".5", 0.5),
        ("seconds", "+3.", 3.0),
        ("seconds", "-1", -1),
        ("frames", "8", 8),
        ("frames", "8.0", 8.0),
        ("loop", "yes", True),
        ("loop", "NO", False),
        ("loop", "True", True),
        ("loop", "false", False),
        ("seed", "", None),
        ("seed", "7", 7),
    ],
)
def test_a_value_is_what_its_kind_makes_of_it(name, typed, meant):
    value = from_text(SCHEMA.properties[name], typed)
    assert (value, type(value)) == (meant, type(meant))


@pytest.mark.parametrize(
    "typed", ["", "four", "4 s", "1_000", "1,5", "nan", "inf", "1e3", "0x10", "٣", "1" * 30, "--1"]
)
def test_what_is_no_number_stays_the_text_that_the_model_refuses(typed):
    choices = Choices([Picture("a.jpg")], on_line([f"seconds={typed}"]))
    assert wrong(choices) == ["--set seconds: Length must be a number from 1 to 12 s, in steps of 0.5."]


def test_a_comma_is_a_decimal_one_where_semicolons_separate(folder):
    assert settled(of_list(folder, "picture;seconds\na.jpg;2,5\n")) == [("a.jpg", {"seconds": 2.5})]
    assert wrong(of_list(folder, 'picture,seconds\na.jpg,"2,5"\n'))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["promt=x"], "--set: There is no parameter “promt”. Did you mean “prompt”?"),
        (["direction=up"], "--set direction: Move must be one of “out”, “in”."),
        (["loop=perhaps"], "--set loop: Loop must be true or false."),
        (["seed=-1"], "--set seed: Seed must be empty, or a whole number from 0 to 4,294,967,295."),
        (["frames=3"], "--set frames: Frames must be a whole number from 2 to 64, in steps of 2."),
        ([f"prompt={'x' * 201}"], "--set prompt: Prompt may have at most 200 characters; this has 201."),
        (["prompt=\x1b[31m"], "--set prompt: This text has control characters or halves of characters. "
                              "Line breaks alone are taken."),
        (["prompt=\udcff"], "--set prompt: This text has control characters or halves of characters. "
                            "Line breaks alone are taken."),
        ([f"seed={2**60}"], "--set seed: This number is too large."),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_in_the_models_words(words, said):
    assert wrong(Choices([Picture("a.jpg")], on_line(words))) == [said]


def test_the_last_of_a_name_counts_and_a_value_may_have_the_sign():
    assert on_line(["prompt=a", "prompt=b=c"]).chosen == {"prompt": "b=c"}


@pytest.mark.parametrize("word", ["prompt", "=x", " =x", ""])
def test_a_word_that_sets_nothing_is_told(word):
    with pytest.raises(WrongChoices, match="is not NAME=VALUE"):
        on_line(["seconds=4", word])


# What counts


def test_what_is_chosen_nearer_to_the_picture_counts(folder):
    (folder / "a.txt").write_text("beside")
    everywhere = {"prompt": "file", "seconds": 1, "frames": 2, "seed": 1}
    in_row = "picture,prompt,frames,seed\na.jpg,row,4,3\na.jpg,,4,3\nb.jpg,,,\n"
    choices = of_list(folder, in_row, on_line=on_line(["seed=9"]), in_file=Said("file", everywhere, is_text=False))
    choices.add_prompts_beside()
    assert settled(choices) == [
        ("a.jpg", {"prompt": "row", "seconds": 1, "frames": 4, "seed": 9}),
        ("a.jpg", {"prompt": "beside", "seconds": 1, "frames": 4, "seed": 9}),
        ("b.jpg", {"prompt": "file", "seconds": 1, "frames": 2, "seed": 9}),
    ]


def test_where_nothing_is_chosen_nothing_is_sent_and_the_model_is_not_asked(folder):
    choices = of_list(folder, "picture\na.jpg\n")
    assert choices.is_empty
    assert settled(choices) == [("a.jpg", None)]
    assert not Choices([], on_line(["a=b"])).is_empty
    assert not of_list(folder, '{"image": "a.jpg", "seed": 3}').is_empty


def test_pictures_are_told_apart_by_their_prompts_else_by_what_differs(folder):
    def own(content):
        choices = of_list(folder, content)
        choices.settle(SCHEMA)
        return [picture.own for picture in choices.pictures]

    assert own("picture,prompt,seed\na.jpg,calm,1\na.jpg,a storm,2\nb.jpg,,3\n") == ["“calm”", "“a storm”", ""]
    assert own("picture,prompt,seed,loop\na.jpg,same,1,yes\na.jpg,same,2,no\n") == [
        "loop=yes seed=1",
        "loop=no seed=2",
    ]
    assert own("picture,prompt\na.jpg,same\nb.jpg,same\n") == ["", ""]
    [long, _] = own(f"picture,prompt\na.jpg,{'storm ' * 30}\nb.jpg,x\n")
    assert len(long) == choosing.MAX_BRIEF + 2 and long.endswith("…”")


# Lists


def test_all_that_is_wrong_with_a_list_is_told_in_its_order_and_at_once(folder):
    choices = of_list(folder, "picture,promt,seconds\na.jpg,x,4\nnone.jpg,x,99\n,x,4\n.,x,4\nb.jpg,x,0\n")
    at = folder / "jobs.csv"
    seconds = "Length must be a number from 1 to 12 s, in steps of 0.5."
    assert wrong(choices) == [
        f"{at}, line 1: There is no parameter “promt”. Did you mean “prompt”?",
        f"{at}, line 3: There is no file {folder / 'none.jpg'}.",
        f"{at}, line 3, seconds: {seconds}",
        f"{at}, line 4: It names no picture.",
        f"{at}, line 5: . is a folder. Each row names one picture.",
        f"{at}, line 6, seconds: {seconds}",
    ]
    assert choices.is_hopeless


def test_what_is_wrong_is_bounded_and_the_rest_is_counted(folder):
    told = wrong(of_list(folder, "picture,seconds\n" + "a.jpg,0\n" * 1_500))
    assert len(told) == choosing.MOST_TOLD + 1
    assert told[-1] == "And 1,480 more."


def test_unknown_names_of_json_lines_are_told_by_the_line(folder):
    [told] = wrong(of_list(folder, '{"image": "a.jpg", "seed": 3}\n{"image": "b.jpg", "sead": 3}\n', "jobs.jsonl"))
    assert "line 2: There is no parameter “sead”. Did you mean “seed”?" in told


def test_values_of_json_lines_are_not_guessed(folder):
    [told] = wrong(of_list(folder, '{"image": "a.jpg", "seconds": "4"}'))
    assert "Length must be a number" in told


@pytest.mark.parametrize("name", ["a\0.jpg", "x" * 5_000, "a.jpg/b.jpg"])
def test_a_name_that_no_file_has_is_told(folder, name):
    [told] = wrong(of_list(folder, json.dumps({"image": name})))
    assert "line 1: There is no file " in told
    assert "\0" not in told


def test_a_list_that_is_not_there_or_ends_in_the_middle_is_told_after_what_came_before(folder):
    missing = Choices([])
    missing.add_list(str(folder / "none.csv"))
    assert wrong(missing) == [f"{folder / 'none.csv'}: The list cannot be read: No such file or directory."]
    told = wrong(of_list(folder, 'picture,seconds\na.jpg,0\nb.jpg,"4\n'))
    assert [sentence.partition(": ")[0].rpartition("line ")[2] for sentence in told] == ["2, seconds", "3"]


def test_a_list_that_comes_through_a_pipe_names_pictures_from_here(folder, monkeypatch):
    monkeypatch.chdir(folder)
    reading, writing = os.pipe()
    os.write(writing, b"picture,seed\na.jpg,3\n")
    os.close(writing)
    choices = Choices([])
    choices.add_list(f"/dev/fd/{reading}")  # as a shell's <(…) names it
    os.close(reading)
    assert settled(choices) == [("a.jpg", {"seed": 3})]


def test_a_standard_input_that_was_closed_is_told(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    choices = Choices([])
    choices.add_list("-")
    assert wrong(choices) == ["standard input: The list cannot be read: Bad file descriptor."]


def test_a_list_without_pictures_is_told(folder):
    assert wrong(of_list(folder, "picture,prompt\n")) == [
        f"{folder / 'jobs.csv'}: There are no pictures in this list."
    ]


def test_what_is_too_long_together_is_told_with_its_line(folder):
    pieces = {name: {**SCHEMA.properties["prompt"], "maxLength": 5_000} for name in ("one", "two")}
    schema = Schema(json.dumps({**SCHEMA.body, "properties": pieces}))
    [told] = wrong(of_list(folder, f"picture,one,two\na.jpg,{'x' * 5_000},{'y' * 5_000}\n"), schema)
    assert "line 2: The parameters may have at most 8,000 bytes." in told


# Texts beside pictures, and files


@pytest.mark.parametrize(
    "content", [b"a storm\nrises\n", b"a storm\r\nrises\r\n", codecs.BOM_UTF8 + b"a storm\nrises"]
)
def test_the_text_beside_a_picture_is_its_prompt(folder, content):
    (folder / "a.txt").write_bytes(content)
    choices = Choices([Picture(folder / "a.jpg"), Picture(folder / "b.jpg")])
    told = choices.add_prompts_beside()
    assert told == "No text stands beside 1 of 2 pictures (b.jpg): no prompt of their own."
    assert settled(choices) == [("a.jpg", {"prompt": "a storm\nrises"}), ("b.jpg", None)]
    assert left_out([folder]) - left_out([folder], choices.texts) == 1, "what is used is not left out"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"st\xfcrmisch", "a.txt: This is not UTF-8 text. Save it in UTF-8."),
        ("stürmisch".encode("utf-16"), "a.txt: This is not UTF-8 text. Save it in UTF-8."),
        (b"x" * 201, "a.txt, prompt: Prompt may have at most 200 characters; this has 201."),
        (b"x" * 200_000, "a.txt: The text has more than 100,000 bytes."),
    ],
)
def test_a_text_that_cannot_be_a_prompt_is_told_with_its_file(folder, content, says):
    (folder / "a.txt").write_bytes(content)
    choices = Choices([Picture(folder / "a.jpg")])
    choices.add_prompts_beside()
    assert wrong(choices) == [f"{folder}/{says}"]


def test_prompts_for_a_model_that_takes_none_are_told_once(folder):
    choices = Choices([Picture(folder / name) for name in ("a.jpg", "b.jpg")])
    choices.add_prompts_beside()
    assert wrong(choices, WITHOUT_PROMPT) == [
        "--prompts beside: This model takes no prompt. leyline model shows what it takes."
    ]


def test_a_file_of_parameters_is_taken_as_json_has_it(folder):
    (folder / "p.json").write_bytes(codecs.BOM_UTF8 + b'{"prompt": "4", "seed": null, "seconds": 2.5}')
    choices = Choices([Picture(folder / "a.jpg")], in_file=in_file(folder / "p.json"))
    assert settled(choices) == [("a.jpg", {"prompt": "4", "seed": None, "seconds": 2.5})]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[]", "The parameters are not a JSON object."),
        (b"{", "The parameters are not JSON."),
        (b'{"a": 1, "a": 2}', "The parameters name one thing twice."),
        (b'{"a": "' + b"x" * 9_000 + b'"}', "The parameters may have at most 8,000 bytes."),
    ],
)
def test_a_file_that_has_no_parameters_is_told(folder, content, says):
    (folder / "p.json").write_bytes(content)
    with pytest.raises(WrongChoices, match=says):
        in_file(folder / "p.json")


def test_what_another_model_takes_is_not_what_this_one_does(folder):
    choices = of_list(folder, "picture,direction\na.jpg,in\n")
    assert "There is no parameter “direction”" in wrong(choices, Schema(schema_of(ChoosesLess.Parameters)))[0]


def test_the_list_in_the_documents_is_one(folder):
    (folder / "beach.jpg").touch()
    content = COMMAND.read_text().partition("\npicture,")[2].partition("\n```")[0]
    assert settled(of_list(folder, f"picture,{content}\n")) == [
        ("beach.jpg", {"prompt": "Wind in the palms", "seconds": 4}),
        ("beach.jpg", {"prompt": "Rain, and then a storm"}),
    ]


def test_a_value_that_fits_lets_no_other_kind_of_it_through(folder):
    choices = of_list(folder, '{"image": "a.jpg", "seconds": 1}\n{"image": "a.jpg", "seconds": true}\n')
    [told] = wrong(choices)
    assert "line 2, seconds: Length must be a number" in told
