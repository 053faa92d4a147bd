import { fingerprint } from '#varve';

/**
 * The form in which usernames are compared: names that read the same are the same. After Unicode's NFKC_Casefold: other
 * widths, ligatures and cases of a letter become one, characters that show nothing go. Upper case comes first because some
 * letters, as "ß" and "ς", meet others only there.
 */
export function foldUsername(username: string): string {
  const shown = username.normalize('NFKC').replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '');
  return shown.toUpperCase().toLowerCase().normalize('NFKC').trim();
}

/** The tag of events that claim or free a username, from its folded form. A fingerprint, since usernames are personal data. */
export const usernameTag = (folded: string): string => `username:${fingerprint(folded)}`;
