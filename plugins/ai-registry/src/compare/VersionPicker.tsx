import { ButtonIcon, Select } from '@backstage/ui';
import { RiArrowLeftRightLine } from '@remixicon/react';
import styles from './VersionPicker.module.css';

interface Picked {
  base?: number;
  candidate?: number;
}

export interface VersionPickerProps extends Picked {
  versions: number[];
  onChange(picked: Picked): void;
}

/** Chooses the two versions to compare. */
export function VersionPicker(props: VersionPickerProps) {
  const { base, candidate, onChange } = props;
  const options = [
    ...new Set(
      [...props.versions, base, candidate].filter(
        (version): version is number => version !== undefined,
      ),
    ),
  ]
    .sort((left, right) => right - left)
    .map(version => ({ id: String(version), label: `Version ${version}` }));
  return (
    <div className={styles.picker}>
      <Select
        label="Base"
        placeholder="Choose a version"
        options={options}
        value={base === undefined ? null : String(base)}
        onChange={value => onChange({ base: Number(value), candidate })}
      />
      <ButtonIcon
        aria-label="Swap base and candidate"
        variant="secondary"
        icon={<RiArrowLeftRightLine />}
        onPress={() => onChange({ base: candidate, candidate: base })}
      />
      <Select
        label="Candidate"
        placeholder="Choose a version"
        options={options}
        value={candidate === undefined ? null : String(candidate)}
        onChange={value => onChange({ base, candidate: Number(value) })}
      />
    </div>
  );
}
