package ai.molecule.edge.controlplane;

import java.util.HexFormat;

/**
 * A color, and how well text can be read on it: relative luminance and contrast ratio of WCAG 2.2.
 *
 * @param rgb red, green and blue, eight bits each
 */
record Color(int rgb) {
  static final Color BLACK = new Color(0);
  static final Color WHITE = new Color(0xffffff);

  /** The contrast that WCAG 2.2 asks of text (level AA). */
  static final double CONTRAST_MIN = 4.5;

  /** The color of a text such as {@code #1a2b3c}. */
  static Color parse(String text) {
    return new Color(HexFormat.fromHexDigits(text, 1, 7));
  }

  /** As a style sheet has it. */
  String css() {
    return "#" + HexFormat.of().toHexDigits(rgb, 6);
  }

  /** Relative luminance, 0 (black) to 1 (white). */
  double luminance() {
    return 0.2126 * linear(rgb >> 16 & 0xff)
        + 0.7152 * linear(rgb >> 8 & 0xff)
        + 0.0722 * linear(rgb & 0xff);
  }

  private static double linear(int channel) {
    double value = channel / 255.0;
    return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
  }

  /** The contrast of two colors, 1 to 21. */
  double contrast(Color other) {
    double one = luminance();
    double two = other.luminance();
    return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
  }

  /** Black or white, whichever reads better on this; the better one always reads well enough. */
  Color readableText() {
    return contrast(BLACK) >= contrast(WHITE) ? BLACK : WHITE;
  }
}
