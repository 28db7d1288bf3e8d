import type * as Ephemeral from "./component/interfaces/lambda-invocation-ephemeral.js";
import type * as Invoke from "./component/interfaces/lambda-invocation-invoke.js";
import type * as Lifecycle from "./component/interfaces/lambda-invocation-invocation-lifecycle.js";
import type * as Types from "./component/interfaces/lambda-invocation-types.js";

export type { Ephemeral, Invoke, Lifecycle, Types };

type Credentials = Types.Credentials;

/** The functions of an interface of the component, each asynchronous. */
export type Async<T> = {
  [K in keyof T as T[K] extends (...args: never[]) => unknown ? K : never]: T[K] extends (
    ...args: infer A
  ) => infer R
    ? (...args: A) => Promise<R>
    : never;
};

/** How to reach Lambda, as whom, and what the component is granted. */
export interface LambdaOptions extends Omit<Types.Connection, "credentials"> {
  /**
   * Credentials, or who gives them: a function is asked before each call. By default they are
   * those of `env`.
   */
  credentials?: Credentials | (() => Credentials | Promise<Credentials>);
  /**
   * The environment variables that the component sees. By default those of this process whose
   * names begin with `AWS_`; with `{}` it sees none.
   */
  env?: Record<string, string | undefined>;
  /**
   * The origins that it may connect to, for example `https://lambda.eu-central-1.amazonaws.com`.
   * By default the one of `endpointUrl`, else the region's endpoint. Name it for other
   * partitions and for FIPS and dual-stack endpoints.
   */
  origins?: string[];
  /** Most calls at the same time, each in a thread. The default is 4; further calls wait. */
  workers?: number;
}

/** The optional arguments of a call, as in `invoke.wit`. */
export type InvokeOptions = Omit<Invoke.Request, "functionName" | "payload">;

/** What a function answered. One that ran and failed has `functionError`. */
export interface Response extends Invoke.Response {
  /** The payload, read as JSON; undefined where it is none. */
  value: any;
}

/** Calls AWS Lambda. No call blocks the thread that makes it. */
export class Lambda {
  constructor(options?: LambdaOptions);
  /**
   * Invokes a function.
   *
   * @param functionName Its name, partial ARN or ARN.
   * @param payload The event: anything that JSON can hold, or its bytes.
   * @throws LambdaError
   */
  invoke(functionName: string, payload?: unknown, options?: InvokeOptions): Promise<Response>;
  /** Signs the request of a call, and sends nothing. */
  prepare(functionName: string, payload?: unknown, options?: InvokeOptions): Promise<Invoke.SignedRequest>;
  /** The connection of this object's calls, for the functions of the two interfaces below. */
  connection(): Promise<Types.Connection>;
  /** Managed invocations. `validate` and `plan` send nothing. */
  readonly invocationLifecycle: Async<typeof Lifecycle>;
  /** Invocations whose answers are kept nowhere. */
  readonly ephemeral: Async<typeof Ephemeral>;
  /** Ends the threads. A call under way is rejected, and its function may have run. */
  close(): Promise<void>;
}

/** A call that did not succeed. No text in it holds a credential or the payload. */
export class LambdaError extends Error {
  /** The case of `error` in `types.wit`. */
  readonly code: Types.Error["tag"];
  /** Whether the function may have run, or may still be running. */
  readonly maybeRan: boolean;
  /** What the component returned: the case and its fields, or the failure of an apply. */
  readonly payload: Types.Error | Lifecycle.ApplyFailure;
}
