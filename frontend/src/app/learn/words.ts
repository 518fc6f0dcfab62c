/** The words of the shelf come with the shelf: whoever draws need not load them. */
import i18next from "i18next";
import german from "../words/de/learn.json";
import english from "../words/en/learn.json";

i18next.addResourceBundle("en", "learn", english);
i18next.addResourceBundle("de", "learn", german);
