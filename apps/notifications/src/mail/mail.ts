/** What a mail is about. */
export type MailKind =
  | 'welcome'
  | 'verification'
  | 'invitation'
  | 'sign-up-hint'
  | 'password-reset'
  | 'sign-in-alarm'
  | 'session-alarm'
  | 'change-notice';

/** What is written to somebody; the same text twice, for programs that show HTML and for those that do not. */
export interface MailContent {
  readonly kind: MailKind;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A mail on its way to one person. It exists in memory only, unless the mailbox is on. */
export interface Mail extends MailContent {
  /** Follows from the event and the function, so that a mail that is sent again can be told from another. */
  readonly mailId: string;
  readonly userId: string;
  readonly to: string;
}
