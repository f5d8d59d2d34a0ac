import type { MailContent, MailKind } from '../mail/mail.ts';
import { escaped } from './html.ts';

/** What a template says; how it looks, is here. */
export interface Letter {
  readonly kind: MailKind;
  readonly subject: string;
  readonly greeting: string;
  readonly before: readonly string[];
  readonly link?: { readonly label: string; readonly href: string };
  readonly after: readonly string[];
}

/** The letter as text and as HTML. Nothing in it is fetched from anywhere: no image, no font, nothing that tells that it was read. */
export function mailContentOf({ kind, subject, greeting, before, link, after }: Letter): MailContent {
  const paragraphs = [greeting, ...before, ...(link ? [link.href] : []), ...after];
  const button = link && `<a href="${escaped(link.href)}" style="${BUTTON}">${escaped(link.label)}</a>`;
  const html = [greeting, ...before].map(escaped).concat(button ?? [], after.map(escaped));
  return {
    kind,
    // One line, whatever it is made of.
    subject: subject.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim(),
    text: `${paragraphs.join('\n\n')}\n`,
    html: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(subject)}</title></head><body style="${BODY}">${html.map((one) => `<p>${one}</p>`).join('')}</body></html>`,
  };
}

const BODY = 'font-family:sans-serif;font-size:16px;line-height:1.5;max-width:36em;margin:2em auto;padding:0 1em';
const BUTTON =
  'display:inline-block;padding:.6em 1.2em;border-radius:.3em;background:#1f4f8f;color:#fff;text-decoration:none';
