/** Every icon there is: a chunk of its own, loaded when a layer names one that the page does not bring along. */
export { icons } from "lucide-react";
