/** Who a mail goes to. Known while one mail is written, and kept nowhere. */
export interface Contact {
  readonly userId: string;
  readonly email: string;
  readonly name?: string | undefined;
}

const MAX_NAME_LENGTH = 60;
/** What turns a name into an advertisement: whoever signs up with the address of another person has us write to that person. */
const NO_NAME = /[\p{C}\p{Zl}\p{Zp}<>:/\\@]|www|\.\p{L}{2}/iu;

/** What a person is greeted with: their name, if it is one. */
export function greetingOf({ name }: Pick<Contact, 'name'>): string {
  const shown = name?.trim() ?? '';
  const isName = shown !== '' && shown.length <= MAX_NAME_LENGTH && !NO_NAME.test(shown);
  return isName ? `Hello ${shown},` : 'Hello,';
}
