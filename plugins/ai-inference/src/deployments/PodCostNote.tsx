import { formatMoney } from '@greenroom/ai-react';
import { costOf, type PodGroup } from './podCost';
import styles from './deployments.module.css';

/** What pods cost, or how their price is made known. */
export function PodCostNote({ groups }: { groups: PodGroup[] }) {
  return (
    <>
      {groups.map(group => (
        <GroupCost key={group.server ?? ''} group={group} />
      ))}
    </>
  );
}

function GroupCost({ group }: { group: PodGroup }) {
  const { machine, pods, server } = group;
  const cost = costOf(group);
  const ofServer = server === undefined ? '' : ` of ${server}`;
  if (cost && machine) {
    const { perHour, per30Days, currency } = cost;
    const times = machine.count === 1 ? '' : `${machine.count} × `;
    return (
      <p className={styles.text}>
        {pods === 1 ? '1 pod' : `${pods} pods`}
        {ofServer} on {times}
        {machine.title} cost{pods === 1 ? 's' : ''}{' '}
        <strong>{formatMoney(perHour, currency)}</strong> an hour,{' '}
        {formatMoney(per30Days, currency)} in 30 days at this size.
      </p>
    );
  }
  return (
    <p className={styles.subtle}>
      What the pods{ofServer} cost is not known:{' '}
      {machine ? (
        <>
          set <code>pricePerHour</code> of the flavor {machine.flavor} in{' '}
          <code>greenroom.flavors</code>.
        </>
      ) : (
        <>
          give {server === undefined ? "the environment's deployer" : 'it'} a{' '}
          <code>flavor</code> of <code>greenroom.flavors</code> that has a{' '}
          <code>pricePerHour</code>.
        </>
      )}
    </p>
  );
}
