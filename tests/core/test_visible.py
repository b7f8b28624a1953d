from jobs.core.visible import in_markdown, visible


def test_joiners_of_letters_stay():
    text = "\u0645\u06cc\u200c\u062e\u0648 \U0001f469\u200d\U0001f680 \u00e9"
    assert visible(text) == text


def test_what_nobody_sees_is_shown_by_its_number():
    assert visible("a\u202eb\x00c\u200f") == "a\\u202eb\\u0000c\\u200f"


def test_a_name_is_one_cell_of_a_table():
    assert in_markdown("a|b\n<b>`x`*[y]") == "a\\|b\\\\u000a&lt;b&gt;\\`x\\`\\*\\[y\\]"
