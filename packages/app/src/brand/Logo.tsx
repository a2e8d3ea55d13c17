import styles from './Logo.module.css';

interface LogoMarkProps {
  /** Pixels; default 28. */
  size?: number;
}

/** A door of the green room that stands ajar. `public/logo.svg` is the same drawing. */
export function LogoMark({ size = 28 }: LogoMarkProps) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#12805c" />
      <path d="M10 6h13v20H10z" fill="#dffbee" />
      <path d="M10 6l8.5 3v20L10 26z" fill="#0a4a35" />
      <circle cx="15.75" cy="18.25" r="1.5" fill="#8ff0c8" />
    </svg>
  );
}

/** The mark with the name next to it. */
export function LogoFull({ size = 28 }: LogoMarkProps) {
  return (
    <span className={styles.full}>
      <LogoMark size={size} />
      <span className={styles.name} style={{ fontSize: size * 0.64 }}>
        Greenroom
      </span>
    </span>
  );
}
