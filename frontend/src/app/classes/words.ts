/** The words of classes come with their pages: whoever draws need not load them. */
import i18next from "i18next";
import german from "../words/de/classes.json";
import english from "../words/en/classes.json";

i18next.addResourceBundle("en", "classes", english);
i18next.addResourceBundle("de", "classes", german);
