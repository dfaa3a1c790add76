"""Which drawn picture stands for whom: a scene for each category, an id for each creator. Uploads may replace them."""

from marketplace.creators.models import Category

_SCENES = {
    Category.FOOD: "bowls",
    Category.OUTDOORS: "ridges",
    Category.TRAVEL: "ridges",
    Category.TECHNOLOGY: "tiles",
    Category.HOME: "windows",
    Category.CITY: "windows",
    Category.SPORT: "lanes",
    Category.MUSIC: "lanes",
    Category.BEAUTY: "petals",
    Category.FASHION: "petals",
    Category.BOOKS: "pages",
    Category.FAMILY: "pages",
}


def scene_of(category: Category) -> str:
    """The scene of a category's covers."""
    return _SCENES.get(category, "meeting")


def cover_ident(category: Category, kind: str, row_id: int | str) -> str:
    """The id of a cover: kind is the word of what it covers, such as `offer` or `brief`."""
    return f"{scene_of(category)}-{kind}-{row_id}"


def creator_ident(creator_id: int) -> str:
    """The id of a creator's portrait."""
    return f"creator-{creator_id}"
