/** The form in which an e-mail address is compared: case and Unicode look-alikes folded, `Ada@Alder.example` is `ada@alder.example`. */
export const emailKey = (email: string): string => email.normalize("NFKC").toLowerCase();
