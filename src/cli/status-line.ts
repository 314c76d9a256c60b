/**
 * src/cli/status-line.ts: one line that says what is going on, with a spinner where the screen can be drawn over and as
 * plain lines elsewhere. Not clack's spinner: that one ends the process with exit code 0 on Ctrl-C, and 0 means approved.
 */
import type { Terminal } from './terminal.ts';
import { shortened } from './text.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
const CLEAR = '\r\u001b[2K';

export interface StatusLine {
  /** `changing` is drawn with each frame and never makes a plain line by itself (a countdown). */
  show(text: string, changing?: () => string): void;
  /** Takes the line away. */
  stop(): void;
}

export function statusLine(terminal: Terminal): StatusLine {
  return terminal.isAnimated ? animated(terminal) : lines(terminal);
}

function lines(terminal: Terminal): StatusLine {
  let last = '';
  return {
    show(text, changing) {
      if (text === last) return;
      last = text;
      const tail = changing?.() ?? '';
      terminal.say(tail === '' ? text : `${text} · ${tail}`);
    },
    stop() {},
  };
}

function animated(terminal: Terminal): StatusLine {
  const { screen } = terminal;
  let frame = 0;
  let text = '';
  let changing = () => '';
  let timer: NodeJS.Timeout | null = null;
  const draw = () => {
    frame = (frame + 1) % FRAMES.length;
    const tail = changing();
    const width = ('columns' in screen && typeof screen.columns === 'number' ? screen.columns : 80) - 3;
    const line = shortened(tail === '' ? text : `${text} · ${tail}`, width);
    screen.write(`${CLEAR}${terminal.paint('cyan', FRAMES[frame] ?? '')} ${line}`);
  };
  return {
    show(newText, newChanging) {
      text = newText;
      changing = newChanging ?? (() => '');
      timer ??= setInterval(draw, FRAME_MS);
      draw();
    },
    stop() {
      if (timer === null) return;
      clearInterval(timer);
      timer = null;
      screen.write(CLEAR);
    },
  };
}
