import { Button, VisuallyHidden } from '@backstage/ui';
import {
  KeyboardEvent,
  PointerEvent,
  useEffect,
  useRef,
  useState,
} from 'react';
import type { Point, Stroke } from './drawing';
import styles from './playground.module.css';

interface DrawingPadProps {
  label: string;
  strokes: Stroke[];
  /** Called while the pen moves. */
  onChange(strokes: Stroke[]): void;
  /** Called when the pen is lifted. */
  onStrokeEnd(): void;
}

/** Side of the canvas in its own pixels; the page scales it. */
const SIDE = 480;
const PEN_WIDTH = 34;
/** How far an arrow key moves the pen, as a share of the side. */
const KEY_STEP = 1 / 16;

const DIRECTIONS: Record<string, Point | undefined> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/**
 * A square to draw in with a mouse, a pen, a finger or the keyboard: arrow keys
 * move, space puts the pen down and lifts it, Delete clears.
 */
export function DrawingPad(props: DrawingPadProps) {
  const { label, strokes, onChange, onStrokeEnd } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef(false);
  const [pen, setPen] = useState<{ at: Point; down: boolean }>({
    at: { x: 0.5, y: 0.25 },
    down: false,
  });
  const [byKeyboard, setByKeyboard] = useState(false);

  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context) paint(context, strokes, byKeyboard ? pen : undefined);
  }, [strokes, pen, byKeyboard]);

  const extend = (point: Point) =>
    onChange([...strokes.slice(0, -1), [...(strokes.at(-1) ?? []), point]]);

  const handlePointerDown = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drawing.current = true;
    setByKeyboard(false);
    setPen(old => ({ ...old, down: false }));
    onChange([...strokes, [pointOf(event)]]);
  };
  const handlePointerMove = (event: PointerEvent<HTMLDivElement>) => {
    if (drawing.current) extend(pointOf(event));
  };
  const handlePointerEnd = () => {
    if (!drawing.current) return;
    drawing.current = false;
    onStrokeEnd();
  };

  const handleKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const direction = DIRECTIONS[event.key];
    if (direction) {
      event.preventDefault();
      const at = {
        x: clamp(pen.at.x + direction.x * KEY_STEP),
        y: clamp(pen.at.y + direction.y * KEY_STEP),
      };
      setByKeyboard(true);
      setPen({ ...pen, at });
      if (pen.down) extend(at);
    } else if (event.key === ' ' || event.key === 'Enter') {
      event.preventDefault();
      setByKeyboard(true);
      setPen({ ...pen, down: !pen.down });
      if (pen.down) onStrokeEnd();
      else onChange([...strokes, [pen.at]]);
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault();
      onChange([]);
    }
  };

  return (
    <div className={styles.pad}>
      <div
        className={styles.surface}
        // The pad handles its own keys, so screen readers have to pass them on.
        role="application"
        aria-label={`${label}. Arrow keys move the pen, space puts it down and lifts it, Delete clears.`}
        tabIndex={0}
        onPointerDown={handlePointerDown}
        onPointerMove={handlePointerMove}
        onPointerUp={handlePointerEnd}
        onPointerCancel={handlePointerEnd}
        onKeyDown={handleKeyDown}
      >
        <canvas ref={canvas} width={SIDE} height={SIDE} aria-hidden="true" />
        {strokes.length === 0 && (
          <span className={styles.padHint} aria-hidden="true">
            Draw here
          </span>
        )}
      </div>
      <VisuallyHidden role="status">
        {byKeyboard &&
          `Pen ${pen.down ? 'down' : 'up'}, ${Math.round(
            pen.at.x * 100,
          )} percent from the left, ${Math.round(
            pen.at.y * 100,
          )} percent from the top`}
      </VisuallyHidden>
      <Button
        size="small"
        variant="secondary"
        isDisabled={strokes.length === 0}
        onPress={() => onChange([])}
      >
        Clear
      </Button>
    </div>
  );
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function pointOf(event: PointerEvent<HTMLDivElement>): Point {
  const box = event.currentTarget.getBoundingClientRect();
  return {
    x: clamp((event.clientX - box.left) / box.width),
    y: clamp((event.clientY - box.top) / box.height),
  };
}

function paint(
  context: CanvasRenderingContext2D,
  strokes: Stroke[],
  pen: { at: Point; down: boolean } | undefined,
): void {
  const style = getComputedStyle(context.canvas);
  context.clearRect(0, 0, SIDE, SIDE);
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.lineWidth = PEN_WIDTH;
  context.strokeStyle = style.color;
  for (const stroke of strokes) {
    context.beginPath();
    stroke.forEach(({ x, y }, index) => {
      if (index === 0) context.moveTo(x * SIDE, y * SIDE);
      context.lineTo(x * SIDE, y * SIDE);
    });
    context.stroke();
  }
  if (pen) {
    context.beginPath();
    context.arc(
      pen.at.x * SIDE,
      pen.at.y * SIDE,
      PEN_WIDTH / 2,
      0,
      Math.PI * 2,
    );
    context.lineWidth = 3;
    context.strokeStyle = style.getPropertyValue('--bui-ring');
    context.stroke();
    if (pen.down) {
      context.fillStyle = style.getPropertyValue('--bui-ring');
      context.fill();
    }
  }
}
