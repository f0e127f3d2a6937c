/** A number as other programs write it into files, in the form that we read: no plus, and digits on both sides of the point.
 *  @example numeral(".5") // "0.5"
 *  @example numeral("+7.") // "7" */
export const numeral = (text: string): string => text.trim().replace(/^\+(?=[\d.])/, "").replace(/^(-?)\.(?=\d)/, "$10.").replace(/(?<=\d)\.$/, "");
