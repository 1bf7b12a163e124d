package ai.molecule.edge.scan;

/** Text of strangers that is shown on a terminal: it must not move the cursor of who reads it. */
public final class PrintableText {
  private PrintableText() {}

  /** The text with each control character in its hexadecimal notation. */
  public static String of(String text) {
    if (text.chars().noneMatch(Character::isISOControl)) {
      return text;
    }
    StringBuilder printable = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c)) {
        printable.append(String.format("\\x%02x", (int) c));
      } else {
        printable.append(c);
      }
    }
    return printable.toString();
  }
}
