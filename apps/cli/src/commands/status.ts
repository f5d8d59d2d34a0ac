import { humanBytes, humanDuration } from '@ebb/core';
import type { ServiceReport, StatusReport, TriggerReport } from '@ebb/local/client';
import { Command } from 'commander';
import pc from 'picocolors';
import { print, printable, printJson, table } from '../output.ts';
import { targetOf, withTarget, type TargetOptions } from '../target/target.ts';
import { CIRCUIT_HEAD, circuitRow } from './circuit-row.ts';

export const status = (): Command =>
  withTarget(
    new Command('status').description('Show the services and their scale, the triggers, and what needs attention'),
  )
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  ebb status\n  ebb status --json | jq .services\n  ebb status --context kind-ebb',
    )
    .action(async (options: TargetOptions & { json?: boolean }) => {
      const report = await (await targetOf(options)).status();
      if (options.json) printJson(report);
      else printReport(report);
    });

function printReport(report: StatusReport): void {
  const { url, uptimeMs, otlpUrl } = report;
  const since = uptimeMs === undefined ? '' : `, up ${humanDuration(uptimeMs)}`;
  print(`${pc.bold('Ebb')} at ${url}${since}${otlpUrl === undefined ? '' : `, traces in at ${otlpUrl}`}`);
  print();
  print(table(['SERVICE', 'STATE', 'REVISION', 'LAST COLD START', 'URL'], report.services.map(serviceRow)));
  print();
  print(
    table(
      ['TRIGGER', 'TOPIC', 'EVENTS', 'LAG', 'IN FLIGHT', 'DELIVERED', 'RETRIED', 'DEAD LETTERS'],
      report.triggers.map(triggerRow),
    ),
  );
  if (report.databases.length > 0) {
    print();
    print(
      table(
        ['DATABASE', 'TO PUBLISH', 'LAG', 'TIMERS', 'INBOX', 'OUTBOX', 'PARKED'],
        report.databases.map(databaseRow),
      ),
    );
  }
  const circuits = report.circuits.filter(({ state }) => state !== 'closed');
  if (circuits.length > 0) {
    print();
    print(
      table(
        CIRCUIT_HEAD,
        circuits.map((circuit) => circuitRow(circuit, Date.now())),
      ),
    );
  }
  const attention = attentionOf(report);
  if (attention.length > 0)
    print(`\n${pc.yellow('Needs attention')}\n${attention.map((line) => `  ${line}`).join('\n')}`);
}

function serviceRow(service: ServiceReport): string[] {
  const cold = service.lastColdStartMs;
  return [
    service.name,
    stateOf(service),
    service.traffic?.map(({ revision, percent }) => `${revision} ${percent}%`).join(', ') ?? service.revision,
    cold === undefined ? '-' : humanDuration(cold),
    [service.url, service.kind === 'worker' && '(worker)'].filter(Boolean).join(' ') || '-',
  ];
}

function stateOf({ state, ready }: ServiceReport): string {
  if (state === 'ready') return pc.green(`ready ${ready}`);
  if (state === 'failing') return pc.red('failing');
  return state === 'activating' ? pc.yellow('activating') : pc.dim('zero');
}

function triggerRow(trigger: TriggerReport): string[] {
  const { name, broker, types, lag, inFlight, delivered, retried, deadLettered } = trigger;
  const again = trigger.redelivery;
  // What is sent again counts with the function that it is for.
  const figures = [
    again && again.lag > 0 ? `${lag ?? '-'} (+${again.lag} again)` : lag,
    sum(inFlight, again?.inFlight),
    sum(delivered, again?.delivered),
    sum(retried, again?.retried),
    sum(deadLettered, again?.deadLettered),
  ].map((figure) => String(figure ?? '-'));
  return [name, broker, types.join(', ') || '(all)', ...figures];
}

function sum(figure: number | undefined, again = 0): number | undefined {
  return figure === undefined ? undefined : figure + again;
}

function databaseRow({ schema, pending, lagMs, timers, tables }: StatusReport['databases'][number]): string[] {
  const sizes = [tables.inbox, tables.outbox, tables.parked].map(({ rows, bytes }) => `${rows} (${humanBytes(bytes)})`);
  return [schema, String(pending), pending > 0 ? humanDuration(lagMs) : '-', String(timers), ...sizes];
}

function attentionOf(report: StatusReport): string[] {
  return [
    ...(report.problems ?? []).map(printable),
    ...report.services
      .filter(({ lastError, state }) => state === 'failing' && lastError)
      .map(({ name, lastError }) => `${name} is failing: ${printable(lastError ?? '')}`),
    ...report.buildErrors.map(
      ({ service, message }) => `${service} does not build:\n    ${message.replaceAll('\n', '\n    ')}`,
    ),
    ...report.databases
      .filter(({ putAside }) => putAside > 0)
      .map(
        ({ service, putAside }) =>
          `${service}: ${putAside} event(s) cannot be published; see them with: npx ebb dead list --service ${service}`,
      ),
    ...Object.entries(report.parked).flatMap(([service, reasons]) => parkedLine(service, reasons)),
    ...parkedLine('platform', report.deadLetters > 0 ? { 'dead-letter': report.deadLetters } : {}),
    ...report.traps.map(
      ({ trap, name, subject, message }) => `trap ${trap} (${name}), ${subject}: ${printable(message)}`,
    ),
  ];
}

/** Only what waits for a person: what is delayed, or behind another, goes on by itself. */
function parkedLine(service: string, reasons: StatusReport['parked'][string]): string[] {
  const needing = Object.entries(reasons).filter(([reason]) => reason !== 'delayed' && reason !== 'behind');
  const total = needing.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return [];
  const behind = reasons.behind === undefined ? [] : [`${reasons.behind} behind them`];
  const parts = [...needing.map(([reason, count]) => `${count} ${reason}`), ...behind].join(', ');
  return [`${service}: ${total} event(s) parked (${parts}); see them with: npx ebb dead list --service ${service}`];
}
