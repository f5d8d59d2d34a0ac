import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig } from '@ebb/core';
import { smtpServerOf, smtpSetting } from './smtp-server.ts';

describe('smtpServerOf', () => {
  it.each([
    [
      'smtps://me:p%40ss@mail.example',
      { host: 'mail.example', port: 465, tls: 'implicit', auth: { user: 'me', pass: 'p@ss' } },
    ],
    ['smtp://mail.example', { host: 'mail.example', port: 587, tls: 'starttls', auth: undefined }],
    ['smtp://mail.example:2525?tls=none', { host: 'mail.example', port: 2525, tls: 'none', auth: undefined }],
    ['smtp://[::1]:1025/?tls=none', { host: '::1', port: 1025, tls: 'none', auth: undefined }],
  ])('reads %s', (text, server) => {
    expect(smtpServerOf(text)).toEqual(server);
  });

  it.each([
    'mail.example',
    'http://mail.example',
    'smtp://',
    'smtp://mail.example/path',
    'smtp://mail.example?tls=maybe',
    'smtps://mail.example?tls=none',
    'smtp://mail.example?tls=none&tls=none',
    'smtp://%zz:secret@mail.example',
  ])('refuses %s without repeating it', (text) => {
    const load = () => loadConfig({ SMTP_URL: smtpSetting({ description: 'the mail server' }) }, { SMTP_URL: text });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(/SMTP_URL must be like smtps:\/\/user:password@host/);
    expect(load).not.toThrow(/secret/);
  });
});
