"""Lists of pictures as spreadsheets and programs write them, and as they should not be."""

import io

import pytest

from leyline.client import lists

HEAD = "picture,prompt,seconds\n"


def of(content, suffix=""):
    """The list, and its rows, each as (line, picture, what is chosen, problem)."""
    body = content.encode() if isinstance(content, str) else content
    with lists.decoded(io.BytesIO(body)) as text:
        found = lists.opened(text, suffix)
        return found, [(row.line, row.picture, row.chosen, row.problem) for row in found.rows]


def read(content, suffix=""):
    return of(content, suffix)[1]


def bad(content, suffix=""):
    with pytest.raises(lists.BadList) as caught:
        read(content, suffix)
    return caught.value.line, caught.value.sentence


STORM = {"prompt": "storm", "seconds": "4"}


@pytest.mark.parametrize(
    "content",
    [
        HEAD + "a.jpg,storm,4\n",
        HEAD + "a.jpg,storm,4",
        HEAD.replace("\n", "\r\n") + "a.jpg,storm,4\r\n",
        HEAD.replace("\n", "\r") + "a.jpg,storm,4\r",
        "\ufeff" + HEAD + "a.jpg,storm,4\n",
        ("\ufeff" + HEAD + "a.jpg,storm,4\n").encode("utf-16-le"),
        "picture;prompt;seconds\na.jpg;storm;4\n",
        "picture\tprompt\tseconds\na.jpg\tstorm\t4\n",
        'sep=;\npicture;prompt;seconds\na.jpg;storm;4\n',
        '"sep=;"\r\npicture;prompt;seconds\r\na.jpg;storm;4\r\n',
        "sep=|\npicture|prompt|seconds\na.jpg|storm|4\n",
        '"picture","prompt","seconds"\n"a.jpg","storm","4"\n',
        " picture , prompt , seconds \n a.jpg ,storm,4\n",
        "prompt,seconds,Image\nstorm,4,a.jpg\n",
        "prompt,seconds,FILE\nstorm,4,a.jpg\n",
        "prompt,seconds,path\nstorm,4,a.jpg\n",
        "which,prompt,seconds\na.jpg,storm,4\n",
        "picture,prompt,seconds,,\na.jpg,storm,4,,\n",
    ],
)  # fmt: skip
def test_a_table_is_read_as_it_is_written(content):
    [(_, picture, chosen, problem)] = read(content)
    assert (picture, chosen, problem) == ("a.jpg", STORM, "")


def test_quotes_line_breaks_and_separators_in_a_cell_are_its_text():
    [(line, _, chosen, _), (after, *_)] = read(HEAD + '\n\na.jpg,"a ""storm"";\nthen, calm",\nb.jpg,x,1\n')
    assert (line, chosen) == (4, {"prompt": 'a "storm";\nthen, calm'})
    assert after == 6, "lines are counted as an editor counts them"


def test_a_column_named_picture_goes_before_one_named_file():
    [(_, picture, chosen, _)] = read("file,picture\nb.jpg,a.jpg\n")
    assert (picture, chosen) == ("a.jpg", {"file": "b.jpg"})


def test_empty_cells_and_missing_ones_choose_nothing():
    assert [row[2] for row in read(HEAD + "a.jpg, ,\nb.jpg\n")] == [{}, {}]


def test_one_picture_may_stand_in_many_rows():
    assert [row[1] for row in read(HEAD + "a.jpg,x,\na.jpg,y,\n")] == ["a.jpg", "a.jpg"]


def test_a_cell_in_a_column_without_a_name_is_told():
    rows = read("picture,,prompt\na.jpg,x,y\nb.jpg,,y\nc.jpg,,y,z\n")
    assert [bool(problem) for *_, problem in rows] == [True, False, True]


def test_only_semicolons_come_with_decimal_commas():
    assert of("picture;seconds\n")[0].has_decimal_commas
    assert not of("picture,seconds\n")[0].has_decimal_commas


def test_columns_are_told_apart_from_the_pictures():
    found, _ = of("\n\nprompt,image,seed\n")
    assert (found.columns, found.header_line) == (("prompt", "seed"), 3)


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        ("", 1, "The list is empty"),
        ("\n \n", 1, "The list is empty"),
        ("\n\npicture,prompt,prompt\n", 3, "two columns “prompt”"),
        (HEAD + 'a.jpg,x,1\nb.jpg,"open,1\nc.jpg,y,2\n', 3, "a quote is not closed"),
        (HEAD + 'a.jpg,"x"y,1\n', 2, "quote stands inside"),
        (HEAD + "a.jpg," + "x" * 200_000 + ",1\n", 2, "too long"),
        (HEAD.encode() + b"a.jpg,st\xfcrmisch,1\n", 2, "not UTF-8"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_read_is_told_with_its_line(content, line, says):
    at, sentence = bad(content)
    assert at == line
    assert says in sentence


def test_json_lines_are_known_by_their_name_or_their_first_letter():
    text = '\ufeff{"image": "a.jpg", "seconds": 2.5, "loop": true, "seed": null}\n\n{"path": "b.jpg"}'
    expected = [(1, "a.jpg", {"seconds": 2.5, "loop": True}, ""), (3, "b.jpg", {}, "")]
    assert read(text) == read(text, ".jsonl") == read(text, ".NDJSON") == expected


@pytest.mark.parametrize(
    "text",
    ["[]", "nothing", '["a.jpg"]', "{}", '{"image": 7}', '{"image": "a.jpg", "image": "b.jpg"}',
     '{"image": "a.jpg", "seconds": NaN}', '{"image": "a.jpg", "seconds": 1e400}', '{"image": "a.jpg"',
     "[" * 10_000],
)  # fmt: skip
def test_a_line_that_is_no_object_is_told_and_the_rest_is_read(text):
    first, wrong, last = read(f'{{"image": "a.jpg"}}\n{text}\n{{"image": "c.jpg"}}\n', ".jsonl")
    assert (first[3], last[1:]) == ("", ("c.jpg", {}, ""))
    assert wrong[0] == 2 and wrong[3].endswith(".")


@pytest.mark.parametrize("line", ["a.jpg,\n", '{"a": "a.jpg"}\n'])
def test_a_list_has_its_limits(monkeypatch, line):
    monkeypatch.setattr(lists, "MAX_ROWS", 3)
    head = "picture,prompt\n" if line.startswith("a") else ""
    assert len(read(head + line * 3)) == 3
    assert bad(head + line * 4)[1] == "The list has more than 3 rows. Split it."
    monkeypatch.setattr(lists, "MAX_LIST_BYTES", 20)
    assert "more than 20 bytes" in bad(head + line * 3)[1]
