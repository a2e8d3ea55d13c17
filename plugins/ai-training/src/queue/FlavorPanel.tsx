import { Panel, PersonName, PlainTable } from '@greenroom/ai-react';
import type { FlavorUse } from '@greenroom/plugin-ai-training-common';
import { count, money } from '../jobs/words';
import { hasQuotas, idleOf, partsOfTeam, waitingInWords } from './queueView';
import { UseBar, type UseBarProps } from './UseBar';
import styles from './queue.module.css';

/** How much there is of a flavor, who has it, and what of it idles. */
export function FlavorPanel({ use }: { use: FlavorUse }) {
  const { flavor, used, queued, held, capacity, pricePerHour, teams } = use;
  const idle = idleOf(use);
  return (
    <Panel
      title={titleOf(use)}
      description={
        pricePerHour
          ? `${money(pricePerHour.amount, pricePerHour.currency)} an hour each`
          : 'It has no price'
      }
    >
      <UseBar
        label={`Units of ${flavor}`}
        parts={[
          { kind: 'used', units: used, name: 'used' },
          ...(idle
            ? [{ kind: 'free' as const, units: idle.units, name: 'free' }]
            : []),
          { kind: 'queued', units: queued, name: 'wanted by queued jobs' },
          ...heldPart(held),
        ]}
      />
      <p className={styles.text}>{idleInWords(use)}</p>
      {capacity !== undefined && used > capacity && (
        <p className={styles.text}>
          {count(used - capacity, 'unit')} more in use than there are: some went
          away below the jobs that run on them.
        </p>
      )}
      {teams.length > 0 && <Teams use={use} />}
    </Panel>
  );
}

function Teams({ use }: { use: FlavorUse }) {
  const { flavor, teams } = use;
  const label = `Teams that use ${flavor}`;
  if (hasQuotas(use)) {
    return (
      <PlainTable
        label={label}
        columns={['Team', 'Uses', 'Own', 'May borrow', 'Weight', 'Queued']}
        look="rows"
      >
        {teams.map(team => (
          <TeamRow key={team.team} team={team} />
        ))}
      </PlainTable>
    );
  }
  return (
    <>
      <p className={styles.text}>
        No team has a quota of it: all have the same share of what there is.
      </p>
      <PlainTable
        label={label}
        columns={['Team', 'Uses', 'Queued']}
        look="rows"
      >
        {teams.map(team => (
          <tr key={team.team}>
            <th scope="row">
              <PersonName entityRef={team.team} />
            </th>
            <td>{team.used}</td>
            <td>{waitingInWords(team)}</td>
          </tr>
        ))}
      </PlainTable>
    </>
  );
}

/** A machine may have one flavor, which is called as it is. */
function titleOf({ flavor, title, backend }: FlavorUse): string {
  const name = title === flavor ? flavor : `${title} (${flavor})`;
  return flavor === backend ? name : `${name} on ${backend}`;
}

function TeamRow({ team }: { team: FlavorUse['teams'][number] }) {
  const { own, borrowed } = partsOfTeam(team);
  const unused = Math.max(0, team.nominal - own);
  return (
    <tr>
      <th scope="row">
        <PersonName entityRef={team.team} />
      </th>
      <td className={styles.teamBar}>
        <UseBar
          compact
          label={`What ${team.team} uses`}
          parts={[
            { kind: 'used', units: own, name: 'of its own' },
            { kind: 'borrowed', units: borrowed, name: 'borrowed' },
            { kind: 'free', units: unused, name: 'of its own not used' },
            { kind: 'queued', units: team.queued, name: 'queued' },
            ...heldPart(team.held),
          ]}
        />
        {team.hasQuota
          ? `${own} own${borrowed > 0 ? `, ${borrowed} borrowed` : ''}`
          : `${borrowed} borrowed`}
      </td>
      <td>{team.hasQuota ? team.nominal : 'no quota'}</td>
      <td>{team.borrow ?? 'all'}</td>
      <td>{team.weight}</td>
      <td>{waitingInWords(team)}</td>
    </tr>
  );
}

/** Where Kueue has no say there is none. */
function heldPart(units: number): UseBarProps['parts'] {
  return units > 0 ? [{ kind: 'queued', units, name: 'held by Kueue' }] : [];
}

function idleInWords(use: FlavorUse): string {
  const idle = idleOf(use);
  if (!idle) return 'Nobody knows how much of it there is.';
  if (idle.units === 0) return 'Nothing of it idles.';
  const units = `${count(idle.units, 'unit')} of ${use.capacity} ${
    idle.units === 1 ? 'idles' : 'idle'
  }`;
  return idle.perHour && idle.perHour.amount > 0
    ? `${units}: ${money(
        idle.perHour.amount,
        idle.perHour.currency,
      )} an hour that nobody uses.`
    : `${units}.`;
}
