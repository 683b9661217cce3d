import { eventually } from '@tael/testkit';
import type { Bus } from '@tael/platform/bus';
import { GraphClient } from './client';
import { Load } from './load';
import { createWorld, type World } from './people';
import { Receiver } from './receiver';
import { isAlive, lasting, Processes } from './processes';
import { type Fault, killsOf } from './schedule';
import { operatorLogin } from './stack.files';
import { StackProcess, type StackOptions } from './stack.process';
import { bookBreaches, breachesOf, deadLetters, onTheWay, openBus } from './verdict';

export interface TrialOptions extends StackOptions {
  readonly seed: number;
  readonly workers: number;
  readonly people: number;
}

/** How long what waits may take to be delivered once everything runs again. */
const CATCH_UP_MS = 120_000;
const POINT_MS = 60_000;
/** A broker that is started on a machine with other work takes a minute and more. */
const BACK_MS = 180_000;

/** A stack, clients who use it without end, and somebody who breaks it: the engine of the fault suite and of the long run. */
export class Trial {
  kills = 0;
  /** Where the time of the run went, in milliseconds. */
  readonly spentMs: Record<string, number> = {};
  private opened: Bus | undefined;

  private constructor(
    /** Where a test stops it and starts it anew, it says which is the one now. */
    public stack: StackProcess,
    readonly processes: Processes,
    readonly client: GraphClient,
    readonly world: World,
    readonly load: Load,
    readonly receiver: Receiver,
  ) {}

  static async start(options: TrialOptions): Promise<Trial> {
    const begun = performance.now();
    const stack = await StackProcess.start(options);
    const startedMs = Math.round(performance.now() - begun);
    const receiver = await Receiver.start();
    try {
      const processes = new Processes(options.home);
      const gateways = processes.stack.instances['gateway']!;
      const client = new GraphClient(gateways.map(({ port }) => `http://127.0.0.1:${port}/graphql`));
      const world = await createWorld(client, operatorLogin(options.home), { people: options.people, shops: 3 }, receiver);
      const load = new Load({ client, world, workers: options.workers, seed: options.seed });
      await load.fund();
      const trial = new Trial(stack, processes, client, world, load, receiver);
      load.mustRun = () => trial.stack.mustRun();
      Object.assign(trial.spentMs, { 'the start of the stack': startedMs, 'people, shops and money': Math.round(performance.now() - begun) - startedMs });
      return trial;
    } catch (error) {
      await receiver.stop();
      await stack.stop();
      throw error;
    }
  }

  /** Does one fault and waits until what it hit serves again. */
  async inflict(fault: Fault): Promise<void> {
    await this.spend('moments before faults', () => lasting(fault.afterMs));
    const { over } = await this.hit(fault);
    await this.spend('until it serves again', () => over);
    this.stack.mustRun();
  }

  /** Does one fault. `over` ends when what it hit serves again, or stands no more. */
  async hit(fault: Fault): Promise<{ over: Promise<void> }> {
    this.stack.mustRun();
    const after = await this.spend(fault.kind, () => this.done(fault));
    this.kills += killsOf(fault);
    const over = (async () => {
      await after();
      await Promise.all(this.partsOf(fault).map((part) => this.processes.ready(part, BACK_MS)));
    })();
    // Whoever waits for it is told; until somebody does, nobody else is.
    over.catch(() => undefined);
    return { over };
  }

  /** Does a fault, and gives what is to be done until it is over. */
  private async done(fault: Fault): Promise<() => Promise<void>> {
    switch (fault.kind) {
      case 'kill': await this.kill(fault.part); break;
      case 'point': await this.killAt(fault.service, `${fault.point}:kill:${fault.nth}`); break;
      case 'kill-all': await Promise.all(fault.parts.map((part) => this.processes.kill(part))); break;
      case 'pause': return this.pause(fault.part, fault.forMs);
      case 'outage': return this.away(fault.part, fault.forMs);
    }
    return async () => undefined;
  }

  /** Does something and notes its time. A stack that has ended ends it: its supervisor gives a part up that dies again and again. */
  async spend<T>(what: string, work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    try {
      return await Promise.race([work(), this.stack.ended]);
    } finally {
      this.spentMs[what] = Math.round((this.spentMs[what] ?? 0) + performance.now() - begun);
    }
  }

  private async kill(part: string): Promise<void> {
    await this.processes.ready(part);
    await this.processes.kill(part);
  }

  /** Leaves the platform to its clients for a while, and until so many of them were answered. */
  async quiet(forMs: number, answers: number, timeoutMs: number): Promise<void> {
    await Promise.all([lasting(forMs), this.load.more(answers, timeoutMs)]);
  }

  /** The processes that a fault may hit. */
  partsOf(fault: Fault): readonly string[] {
    if (fault.kind === 'kill-all') return fault.parts;
    return fault.kind === 'point' ? this.processes.partsOf(fault.service) : [fault.part];
  }

  /** Arms a point, and waits until the load has brought a process of the service to it: it kills itself there. */
  private async killAt(service: string, point: string): Promise<void> {
    await this.reach(service, point, (pid) => !isAlive(pid));
  }

  /**
   * Arms a point in every process of a service, waits until one has come to it, and disarms the others: which of them
   * leads or has the partitions with work, nobody knows before.
   */
  async reach(service: string, point: string, isThere: (pid: number) => boolean): Promise<{ part: string; pid: number }> {
    const parts = this.processes.partsOf(service);
    const armed = await Promise.all(parts.map(async (part) => ({ part, pid: await this.processes.arm(part, point) })));
    const hit = await eventually(() => {
      const found = armed.find(({ pid }) => isThere(pid));
      if (!found) throw new Error('no process has come there yet');
      return found;
    }, { timeoutMs: POINT_MS, describe: `${service} comes to ${point}` });
    const others = armed.filter((one) => one !== hit);
    await Promise.all(others.map(({ part, pid }) => this.processes.disarm(part, pid)));
    return hit;
  }

  private async pause(part: string, forMs: number): Promise<() => Promise<void>> {
    const pid = await this.processes.ready(part);
    this.processes.stop(part);
    await this.processes.stopped(part, pid);
    return async () => {
      await lasting(forMs);
      this.processes.wake(pid);
    };
  }

  private async away(part: string, forMs: number): Promise<() => Promise<void>> {
    let isAway = (): void => undefined;
    const killed = new Promise<void>((resolve) => (isAway = resolve));
    const whole = this.outage(part, async () => {
      isAway();
      await lasting(forMs);
    });
    await Promise.race([killed, whole]);
    return () => whole;
  }

  /** Kills a part and keeps it down while `meanwhile` runs. */
  async outage(part: string, meanwhile: () => Promise<void>): Promise<void> {
    this.processes.hold(part);
    try {
      await this.kill(part);
      await meanwhile();
    } finally {
      this.processes.letGo(part);
    }
    await this.processes.ready(part, BACK_MS);
  }

  /** The bus of the stack, as somebody sees it who takes no part. */
  get bus(): Bus {
    return (this.opened ??= openBus(this.processes.stack));
  }

  /** What is on its way now. */
  waiting(): Promise<string[]> {
    return onTheWay(this.processes.stack, this.bus);
  }

  /** Lets everything come to rest, and gives each breach of what must be true then. */
  async verdict(): Promise<string[]> {
    this.stack.mustRun();
    const { stack } = this.processes;
    const { bus } = this;
    await this.spend('checks: all is ready', () => this.processes.allReady());
    await this.spend('checks: clients are answered', () => this.load.settle());
    await this.spend('checks: what waits is delivered', () => eventually(async () => {
      const waiting = await this.waiting();
      if (waiting.length) throw new Error(waiting.join(', '));
    }, { timeoutMs: CATCH_UP_MS, describe: 'what waits is delivered' }));
    return this.spend('checks: everything is compared', async () => [
      ...(await breachesOf(stack, { world: this.world, journal: this.load.journal, home: this.processes.home, receiver: this.receiver, bus })),
      ...(await deadLetters(bus)),
      ...(await bookBreaches(stack)),
    ]);
  }

  async stop(): Promise<void> {
    // Of a stack that is gone nobody is answered any more.
    await this.load.settle(this.stack.hasEnded ? 0 : undefined).catch(() => undefined);
    await this.opened?.close().catch(() => undefined);
    await this.receiver.stop();
    await this.spend('the end of the stack', () => this.stack.stop()).catch(() => undefined);
    process.stderr.write(`where the time went, in ms: ${JSON.stringify(this.spentMs)}\n`);
  }
}
