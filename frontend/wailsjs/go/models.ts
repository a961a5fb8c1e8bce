export namespace app {
	
	export class Batch {
	    seq: number;
	    events: session.Event[];
	
	    static createFrom(source: any = {}) {
	        return new Batch(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.seq = source["seq"];
	        this.events = this.convertValues(source["events"], session.Event);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class OutputPage {
	    text: string;
	    next: number;
	    end: boolean;
	
	    static createFrom(source: any = {}) {
	        return new OutputPage(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.text = source["text"];
	        this.next = source["next"];
	        this.end = source["end"];
	    }
	}
	export class Show {
	    session: string;
	    view: string;
	    page: string;
	
	    static createFrom(source: any = {}) {
	        return new Show(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.session = source["session"];
	        this.view = source["view"];
	        this.page = source["page"];
	    }
	}
	export class QuickPromptEnd {
	    started: string;
	    title: string;
	    show?: Show;
	
	    static createFrom(source: any = {}) {
	        return new QuickPromptEnd(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.started = source["started"];
	        this.title = source["title"];
	        this.show = this.convertValues(source["show"], Show);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	
	export class Version {
	    name: string;
	    version: string;
	    commit: string;
	    home: string;
	
	    static createFrom(source: any = {}) {
	        return new Version(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.name = source["name"];
	        this.version = source["version"];
	        this.commit = source["commit"];
	        this.home = source["home"];
	    }
	}

}

export namespace session {
	
	export class ModelAccess {
	    protocol: string;
	    baseURL: string;
	    key: string;
	    model: string;
	
	    static createFrom(source: any = {}) {
	        return new ModelAccess(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.protocol = source["protocol"];
	        this.baseURL = source["baseURL"];
	        this.key = source["key"];
	        this.model = source["model"];
	    }
	}
	export class Agent {
	    id: string;
	    name: string;
	    command: string[];
	    layer: string;
	    args?: Record<string, string>;
	    models: ModelAccess[];
	    env?: string[];
	    own: boolean;
	
	    static createFrom(source: any = {}) {
	        return new Agent(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.name = source["name"];
	        this.command = source["command"];
	        this.layer = source["layer"];
	        this.args = source["args"];
	        this.models = this.convertValues(source["models"], ModelAccess);
	        this.env = source["env"];
	        this.own = source["own"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class AgentConfig {
	    id: string;
	    name: string;
	    command: string[];
	    install: string;
	    package: string;
	    version: string;
	    env: string[];
	    models: ModelAccess[];
	
	    static createFrom(source: any = {}) {
	        return new AgentConfig(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.name = source["name"];
	        this.command = source["command"];
	        this.install = source["install"];
	        this.package = source["package"];
	        this.version = source["version"];
	        this.env = source["env"];
	        this.models = this.convertValues(source["models"], ModelAccess);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class Attachment {
	    name: string;
	    mime: string;
	    size: number;
	    hash: string;
	
	    static createFrom(source: any = {}) {
	        return new Attachment(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.name = source["name"];
	        this.mime = source["mime"];
	        this.size = source["size"];
	        this.hash = source["hash"];
	    }
	}
	export class Budget {
	    usd: number;
	    tokens: number;
	
	    static createFrom(source: any = {}) {
	        return new Budget(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.usd = source["usd"];
	        this.tokens = source["tokens"];
	    }
	}
	export class Check {
	    id: string;
	    title: string;
	    status: string;
	    found: string;
	    hint: string;
	    needed: boolean;
	
	    static createFrom(source: any = {}) {
	        return new Check(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.title = source["title"];
	        this.status = source["status"];
	        this.found = source["found"];
	        this.hint = source["hint"];
	        this.needed = source["needed"];
	    }
	}
	export class Checkpoint {
	    Commit: string;
	    Files: string;
	
	    static createFrom(source: any = {}) {
	        return new Checkpoint(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.Commit = source["Commit"];
	        this.Files = source["Files"];
	    }
	}
	export class Command {
	    name: string;
	    description: string;
	    hint?: string;
	
	    static createFrom(source: any = {}) {
	        return new Command(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.name = source["name"];
	        this.description = source["description"];
	        this.hint = source["hint"];
	    }
	}
	export class CommitLine {
	    id: string;
	    subject: string;
	
	    static createFrom(source: any = {}) {
	        return new CommitLine(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.subject = source["subject"];
	    }
	}
	export class ConfigProblem {
	    line: number;
	    text: string;
	
	    static createFrom(source: any = {}) {
	        return new ConfigProblem(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.line = source["line"];
	        this.text = source["text"];
	    }
	}
	export class ConfigFile {
	    path: string;
	    hash: string;
	    lines: Record<string, number>;
	    problems: ConfigProblem[];
	
	    static createFrom(source: any = {}) {
	        return new ConfigFile(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.path = source["path"];
	        this.hash = source["hash"];
	        this.lines = source["lines"];
	        this.problems = this.convertValues(source["problems"], ConfigProblem);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	
	export class Configuration {
	    variables?: string[];
	    setup?: string[];
	    start?: string[];
	    run?: string[];
	    test?: string[];
	    archive?: string[];
	
	    static createFrom(source: any = {}) {
	        return new Configuration(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.variables = source["variables"];
	        this.setup = source["setup"];
	        this.start = source["start"];
	        this.run = source["run"];
	        this.test = source["test"];
	        this.archive = source["archive"];
	    }
	}
	export class Connection {
	    id: number;
	    session: string;
	    at: number;
	    host: string;
	    port: number;
	    allowed: boolean;
	    rule: string;
	    open: boolean;
	    end: string;
	    up: number;
	    down: number;
	    millis: number;
	
	    static createFrom(source: any = {}) {
	        return new Connection(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.session = source["session"];
	        this.at = source["at"];
	        this.host = source["host"];
	        this.port = source["port"];
	        this.allowed = source["allowed"];
	        this.rule = source["rule"];
	        this.open = source["open"];
	        this.end = source["end"];
	        this.up = source["up"];
	        this.down = source["down"];
	        this.millis = source["millis"];
	    }
	}
	export class Cursor {
	    Epoch: string;
	    Seq: number;
	
	    static createFrom(source: any = {}) {
	        return new Cursor(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.Epoch = source["Epoch"];
	        this.Seq = source["Seq"];
	    }
	}
	export class Use {
	    requests: number;
	    input: number;
	    output: number;
	    usd: number;
	    estimated: number;
	
	    static createFrom(source: any = {}) {
	        return new Use(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.requests = source["requests"];
	        this.input = source["input"];
	        this.output = source["output"];
	        this.usd = source["usd"];
	        this.estimated = source["estimated"];
	    }
	}
	export class DayUse {
	    day: string;
	    use: Use;
	
	    static createFrom(source: any = {}) {
	        return new DayUse(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.day = source["day"];
	        this.use = this.convertValues(source["use"], Use);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class Defaults {
	    agent: string;
	    model: string;
	    effort: string;
	    mode: string;
	    policy: string;
	    network: string;
	
	    static createFrom(source: any = {}) {
	        return new Defaults(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.agent = source["agent"];
	        this.model = source["model"];
	        this.effort = source["effort"];
	        this.mode = source["mode"];
	        this.policy = source["policy"];
	        this.network = source["network"];
	    }
	}
	export class Delta {
	    session: string;
	    item: string;
	    prev: number;
	    rev: number;
	    text: string;
	    size: number;
	
	    static createFrom(source: any = {}) {
	        return new Delta(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.session = source["session"];
	        this.item = source["item"];
	        this.prev = source["prev"];
	        this.rev = source["rev"];
	        this.text = source["text"];
	        this.size = source["size"];
	    }
	}
	export class DiffStat {
	    files: number;
	    added: number;
	    removed: number;
	
	    static createFrom(source: any = {}) {
	        return new DiffStat(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.files = source["files"];
	        this.added = source["added"];
	        this.removed = source["removed"];
	    }
	}
	export class Error {
	    code: string;
	    message: string;
	    hint: string;
	    details?: string;
	
	    static createFrom(source: any = {}) {
	        return new Error(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.code = source["code"];
	        this.message = source["message"];
	        this.hint = source["hint"];
	        this.details = source["details"];
	    }
	}
	export class EngineState {
	    ok: boolean;
	    name: string;
	    host: string;
	    memoryMB: number;
	    cpus: number;
	    error?: Error;
	
	    static createFrom(source: any = {}) {
	        return new EngineState(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.ok = source["ok"];
	        this.name = source["name"];
	        this.host = source["host"];
	        this.memoryMB = source["memoryMB"];
	        this.cpus = source["cpus"];
	        this.error = this.convertValues(source["error"], Error);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class Toolchain {
	    name: string;
	    version: string;
	
	    static createFrom(source: any = {}) {
	        return new Toolchain(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.name = source["name"];
	        this.version = source["version"];
	    }
	}
	export class Environment {
	    tools: Toolchain[];
	    packages: string[];
	    variables?: string[];
	    setup?: string[];
	    start?: string[];
	    run?: string[];
	    test?: string[];
	    archive?: string[];
	
	    static createFrom(source: any = {}) {
	        return new Environment(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.tools = this.convertValues(source["tools"], Toolchain);
	        this.packages = source["packages"];
	        this.variables = source["variables"];
	        this.setup = source["setup"];
	        this.start = source["start"];
	        this.run = source["run"];
	        this.test = source["test"];
	        this.archive = source["archive"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class EnvironmentChoice {
	    accept?: string;
	    set?: Environment;
	    add?: Environment;
	    never?: boolean;
	
	    static createFrom(source: any = {}) {
	        return new EnvironmentChoice(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.accept = source["accept"];
	        this.set = this.convertValues(source["set"], Environment);
	        this.add = this.convertValues(source["add"], Environment);
	        this.never = source["never"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class UnknownDemand {
	    tool: string;
	    wanted: string;
	    rule: string;
	    path: string;
	    line: number;
	    why: string;
	
	    static createFrom(source: any = {}) {
	        return new UnknownDemand(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.tool = source["tool"];
	        this.wanted = source["wanted"];
	        this.rule = source["rule"];
	        this.path = source["path"];
	        this.line = source["line"];
	        this.why = source["why"];
	    }
	}
	export class ProjectPart {
	    dir: string;
	    kind: string;
	    install: string;
	    test: string;
	
	    static createFrom(source: any = {}) {
	        return new ProjectPart(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.dir = source["dir"];
	        this.kind = source["kind"];
	        this.install = source["install"];
	        this.test = source["test"];
	    }
	}
	export class NeedReason {
	    tool: string;
	    wanted: string;
	    rule: string;
	    path: string;
	    line: number;
	
	    static createFrom(source: any = {}) {
	        return new NeedReason(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.tool = source["tool"];
	        this.wanted = source["wanted"];
	        this.rule = source["rule"];
	        this.path = source["path"];
	        this.line = source["line"];
	    }
	}
	export class EnvironmentProposal {
	    tools: Toolchain[];
	    packages: string[];
	    variables?: string[];
	    setup?: string[];
	    start?: string[];
	    run?: string[];
	    test?: string[];
	    archive?: string[];
	    hash: string;
	    commit: string;
	    reasons: NeedReason[];
	    parts: ProjectPart[];
	    unknown: UnknownDemand[];
	    config?: ConfigFile;
	
	    static createFrom(source: any = {}) {
	        return new EnvironmentProposal(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.tools = this.convertValues(source["tools"], Toolchain);
	        this.packages = source["packages"];
	        this.variables = source["variables"];
	        this.setup = source["setup"];
	        this.start = source["start"];
	        this.run = source["run"];
	        this.test = source["test"];
	        this.archive = source["archive"];
	        this.hash = source["hash"];
	        this.commit = source["commit"];
	        this.reasons = this.convertValues(source["reasons"], NeedReason);
	        this.parts = this.convertValues(source["parts"], ProjectPart);
	        this.unknown = this.convertValues(source["unknown"], UnknownDemand);
	        this.config = this.convertValues(source["config"], ConfigFile);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	
	export class ImageState {
	    agent: string;
	    packages: string[];
	    name: string;
	    status: string;
	    step: string;
	    done: number;
	    total: number;
	    size: number;
	    started: number;
	    millis: number;
	    log: string;
	    error?: Error;
	
	    static createFrom(source: any = {}) {
	        return new ImageState(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.agent = source["agent"];
	        this.packages = source["packages"];
	        this.name = source["name"];
	        this.status = source["status"];
	        this.step = source["step"];
	        this.done = source["done"];
	        this.total = source["total"];
	        this.size = source["size"];
	        this.started = source["started"];
	        this.millis = source["millis"];
	        this.log = source["log"];
	        this.error = this.convertValues(source["error"], Error);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class TurnResult {
	    stop: string;
	    millis: number;
	    commit: string;
	    files: string;
	    from: string;
	    diff: DiffStat;
	    tools: number;
	    tokens: number;
	
	    static createFrom(source: any = {}) {
	        return new TurnResult(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.stop = source["stop"];
	        this.millis = source["millis"];
	        this.commit = source["commit"];
	        this.files = source["files"];
	        this.from = source["from"];
	        this.diff = this.convertValues(source["diff"], DiffStat);
	        this.tools = source["tools"];
	        this.tokens = source["tokens"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class Phase {
	    name: string;
	    status: string;
	    millis: number;
	
	    static createFrom(source: any = {}) {
	        return new Phase(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.name = source["name"];
	        this.status = source["status"];
	        this.millis = source["millis"];
	    }
	}
	export class MissingTool {
	    command: string;
	    wanted: string;
	    label: string;
	    tool: Toolchain;
	    packages: string[];
	    from: string;
	    evidence: string;
	    answer: string;
	
	    static createFrom(source: any = {}) {
	        return new MissingTool(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.command = source["command"];
	        this.wanted = source["wanted"];
	        this.label = source["label"];
	        this.tool = this.convertValues(source["tool"], Toolchain);
	        this.packages = source["packages"];
	        this.from = source["from"];
	        this.evidence = source["evidence"];
	        this.answer = source["answer"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class Proposal {
	    id: string;
	    title: string;
	    base: string;
	    draft: boolean;
	    body: string;
	    answer: string;
	    url: string;
	
	    static createFrom(source: any = {}) {
	        return new Proposal(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.title = source["title"];
	        this.base = source["base"];
	        this.draft = source["draft"];
	        this.body = source["body"];
	        this.answer = source["answer"];
	        this.url = source["url"];
	    }
	}
	export class PermissionOption {
	    id: string;
	    name: string;
	    kind: string;
	
	    static createFrom(source: any = {}) {
	        return new PermissionOption(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.name = source["name"];
	        this.kind = source["kind"];
	    }
	}
	export class Permission {
	    id: string;
	    title: string;
	    tool?: string;
	    detail: string;
	    options: PermissionOption[];
	    answer: string;
	    by: string;
	
	    static createFrom(source: any = {}) {
	        return new Permission(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.title = source["title"];
	        this.tool = source["tool"];
	        this.detail = source["detail"];
	        this.options = this.convertValues(source["options"], PermissionOption);
	        this.answer = source["answer"];
	        this.by = source["by"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class PlanEntry {
	    text: string;
	    status: string;
	    priority: string;
	
	    static createFrom(source: any = {}) {
	        return new PlanEntry(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.text = source["text"];
	        this.status = source["status"];
	        this.priority = source["priority"];
	    }
	}
	export class FileEdit {
	    path: string;
	    added: number;
	    removed: number;
	
	    static createFrom(source: any = {}) {
	        return new FileEdit(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.path = source["path"];
	        this.added = source["added"];
	        this.removed = source["removed"];
	    }
	}
	export class Tool {
	    title: string;
	    kind: string;
	    status: string;
	    paths: string[];
	    input?: any;
	    edits: FileEdit[];
	
	    static createFrom(source: any = {}) {
	        return new Tool(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.title = source["title"];
	        this.kind = source["kind"];
	        this.status = source["status"];
	        this.paths = source["paths"];
	        this.input = source["input"];
	        this.edits = this.convertValues(source["edits"], FileEdit);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class PromptInfo {
	    id: string;
	    attachments: Attachment[];
	
	    static createFrom(source: any = {}) {
	        return new PromptInfo(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.attachments = this.convertValues(source["attachments"], Attachment);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class Item {
	    session: string;
	    id: string;
	    seq: number;
	    rev: number;
	    kind: string;
	    turn: number;
	    parent?: string;
	    at: number;
	    doneAt: number;
	    text: string;
	    size: number;
	    prompt?: PromptInfo;
	    tool?: Tool;
	    plan?: PlanEntry[];
	    permission?: Permission;
	    proposal?: Proposal;
	    missing?: MissingTool;
	    phase?: Phase;
	    result?: TurnResult;
	    error?: Error;
	
	    static createFrom(source: any = {}) {
	        return new Item(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.session = source["session"];
	        this.id = source["id"];
	        this.seq = source["seq"];
	        this.rev = source["rev"];
	        this.kind = source["kind"];
	        this.turn = source["turn"];
	        this.parent = source["parent"];
	        this.at = source["at"];
	        this.doneAt = source["doneAt"];
	        this.text = source["text"];
	        this.size = source["size"];
	        this.prompt = this.convertValues(source["prompt"], PromptInfo);
	        this.tool = this.convertValues(source["tool"], Tool);
	        this.plan = this.convertValues(source["plan"], PlanEntry);
	        this.permission = this.convertValues(source["permission"], Permission);
	        this.proposal = this.convertValues(source["proposal"], Proposal);
	        this.missing = this.convertValues(source["missing"], MissingTool);
	        this.phase = this.convertValues(source["phase"], Phase);
	        this.result = this.convertValues(source["result"], TurnResult);
	        this.error = this.convertValues(source["error"], Error);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class Gap {
	    at: number;
	    text: string;
	
	    static createFrom(source: any = {}) {
	        return new Gap(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.at = source["at"];
	        this.text = source["text"];
	    }
	}
	export class Tail {
	    secret: string;
	    at: number;
	    form: number;
	    length: number;
	    covered: number;
	    gaps?: Gap[];
	
	    static createFrom(source: any = {}) {
	        return new Tail(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.secret = source["secret"];
	        this.at = source["at"];
	        this.form = source["form"];
	        this.length = source["length"];
	        this.covered = source["covered"];
	        this.gaps = this.convertValues(source["gaps"], Gap);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class PullRequest {
	    url: string;
	    number: number;
	    state: string;
	    draft: boolean;
	    title: string;
	    body: string;
	    base: string;
	    checks: string;
	    at: number;
	
	    static createFrom(source: any = {}) {
	        return new PullRequest(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.url = source["url"];
	        this.number = source["number"];
	        this.state = source["state"];
	        this.draft = source["draft"];
	        this.title = source["title"];
	        this.body = source["body"];
	        this.base = source["base"];
	        this.checks = source["checks"];
	        this.at = source["at"];
	    }
	}
	export class Merged {
	    branch: string;
	    commit: string;
	    tip: string;
	    at: number;
	
	    static createFrom(source: any = {}) {
	        return new Merged(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.branch = source["branch"];
	        this.commit = source["commit"];
	        this.tip = source["tip"];
	        this.at = source["at"];
	    }
	}
	export class Pushed {
	    remote: string;
	    url: string;
	    branch: string;
	    commit: string;
	    at: number;
	
	    static createFrom(source: any = {}) {
	        return new Pushed(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.remote = source["remote"];
	        this.url = source["url"];
	        this.branch = source["branch"];
	        this.commit = source["commit"];
	        this.at = source["at"];
	    }
	}
	export class Pending {
	    turn: number;
	    checkpoint: Checkpoint;
	    status: string;
	    accepted: boolean;
	
	    static createFrom(source: any = {}) {
	        return new Pending(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.turn = source["turn"];
	        this.checkpoint = this.convertValues(source["checkpoint"], Checkpoint);
	        this.status = source["status"];
	        this.accepted = source["accepted"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class Taken {
	    name: string;
	    commit: string;
	    branch: string;
	
	    static createFrom(source: any = {}) {
	        return new Taken(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.name = source["name"];
	        this.commit = source["commit"];
	        this.branch = source["branch"];
	    }
	}
	export class Only {
	    kind: string;
	    name: string;
	    detail: string;
	    commit: string;
	    count: number;
	
	    static createFrom(source: any = {}) {
	        return new Only(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.kind = source["kind"];
	        this.name = source["name"];
	        this.detail = source["detail"];
	        this.commit = source["commit"];
	        this.count = source["count"];
	    }
	}
	export class OnlyList {
	    list: Only[];
	    more: number;
	
	    static createFrom(source: any = {}) {
	        return new OnlyList(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.list = this.convertValues(source["list"], Only);
	        this.more = source["more"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class Verified {
	    turn: number;
	    commit: string;
	    files: string;
	    risky: string[];
	    base?: string;
	
	    static createFrom(source: any = {}) {
	        return new Verified(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.turn = source["turn"];
	        this.commit = source["commit"];
	        this.files = source["files"];
	        this.risky = source["risky"];
	        this.base = source["base"];
	    }
	}
	export class Usage {
	    contextUsed: number;
	    contextSize: number;
	    input: number;
	    output: number;
	    cost: number;
	    currency: string;
	    requests: number;
	    estimated: number;
	
	    static createFrom(source: any = {}) {
	        return new Usage(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.contextUsed = source["contextUsed"];
	        this.contextSize = source["contextSize"];
	        this.input = source["input"];
	        this.output = source["output"];
	        this.cost = source["cost"];
	        this.currency = source["currency"];
	        this.requests = source["requests"];
	        this.estimated = source["estimated"];
	    }
	}
	export class Prompt {
	    id: string;
	    text: string;
	    attachments: Attachment[];
	    at: number;
	    sent: boolean;
	    stopped?: boolean;
	
	    static createFrom(source: any = {}) {
	        return new Prompt(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.text = source["text"];
	        this.attachments = this.convertValues(source["attachments"], Attachment);
	        this.at = source["at"];
	        this.sent = source["sent"];
	        this.stopped = source["stopped"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class OptionValue {
	    value: string;
	    name: string;
	    description?: string;
	
	    static createFrom(source: any = {}) {
	        return new OptionValue(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.value = source["value"];
	        this.name = source["name"];
	        this.description = source["description"];
	    }
	}
	export class Option {
	    id: string;
	    name: string;
	    category: string;
	    value: string;
	    choices: OptionValue[];
	
	    static createFrom(source: any = {}) {
	        return new Option(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.name = source["name"];
	        this.category = source["category"];
	        this.value = source["value"];
	        this.choices = this.convertValues(source["choices"], OptionValue);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class Session {
	    id: string;
	    project: string;
	    title: string;
	    agent: string;
	    model: string;
	    effort: string;
	    mode: string;
	    policy: string;
	    network: string;
	    agentPolicy: string;
	    baseRef: string;
	    baseCommit: string;
	    branch: string;
	    worktree: string;
	    status: string;
	    doing: string;
	    questions: number;
	    unread: boolean;
	    queued: boolean;
	    interrupted: boolean;
	    pinned: boolean;
	    held: boolean;
	    named: boolean;
	    step: string;
	    error?: Error;
	    sandbox: string;
	    mounts: string[];
	    conversation: string;
	    options: Option[];
	    commands: Command[];
	    images: boolean;
	    turns: number;
	    tools: number;
	    prompts: Prompt[];
	    usage: Usage;
	    diff: DiffStat;
	    result: Verified;
	    edits: number;
	    only?: OnlyList;
	    taken?: Taken[];
	    budget?: Budget;
	    refused?: Error;
	    pending?: Pending;
	    pushed?: Pushed;
	    merged?: Merged;
	    pullRequest?: PullRequest;
	    outgoing: string;
	    onto: string;
	    ahead: string;
	    deleted?: boolean;
	    halt?: boolean;
	    bare?: boolean;
	    rebased: number;
	    items: number;
	    stored?: number;
	    rev: number;
	    tails?: Record<string, Tail>;
	    secrets: SecretEntry[];
	    missing?: string[];
	    renew?: boolean;
	    outdated: boolean;
	    environment: string;
	    has: Environment;
	    limits: Limits;
	    oldEnvironment: boolean;
	    timings: Record<string, number>;
	    createdAt: number;
	    updatedAt: number;
	    workedSince: number;
	    turnedAt: number;
	    turnFrom: string;
	
	    static createFrom(source: any = {}) {
	        return new Session(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.project = source["project"];
	        this.title = source["title"];
	        this.agent = source["agent"];
	        this.model = source["model"];
	        this.effort = source["effort"];
	        this.mode = source["mode"];
	        this.policy = source["policy"];
	        this.network = source["network"];
	        this.agentPolicy = source["agentPolicy"];
	        this.baseRef = source["baseRef"];
	        this.baseCommit = source["baseCommit"];
	        this.branch = source["branch"];
	        this.worktree = source["worktree"];
	        this.status = source["status"];
	        this.doing = source["doing"];
	        this.questions = source["questions"];
	        this.unread = source["unread"];
	        this.queued = source["queued"];
	        this.interrupted = source["interrupted"];
	        this.pinned = source["pinned"];
	        this.held = source["held"];
	        this.named = source["named"];
	        this.step = source["step"];
	        this.error = this.convertValues(source["error"], Error);
	        this.sandbox = source["sandbox"];
	        this.mounts = source["mounts"];
	        this.conversation = source["conversation"];
	        this.options = this.convertValues(source["options"], Option);
	        this.commands = this.convertValues(source["commands"], Command);
	        this.images = source["images"];
	        this.turns = source["turns"];
	        this.tools = source["tools"];
	        this.prompts = this.convertValues(source["prompts"], Prompt);
	        this.usage = this.convertValues(source["usage"], Usage);
	        this.diff = this.convertValues(source["diff"], DiffStat);
	        this.result = this.convertValues(source["result"], Verified);
	        this.edits = source["edits"];
	        this.only = this.convertValues(source["only"], OnlyList);
	        this.taken = this.convertValues(source["taken"], Taken);
	        this.budget = this.convertValues(source["budget"], Budget);
	        this.refused = this.convertValues(source["refused"], Error);
	        this.pending = this.convertValues(source["pending"], Pending);
	        this.pushed = this.convertValues(source["pushed"], Pushed);
	        this.merged = this.convertValues(source["merged"], Merged);
	        this.pullRequest = this.convertValues(source["pullRequest"], PullRequest);
	        this.outgoing = source["outgoing"];
	        this.onto = source["onto"];
	        this.ahead = source["ahead"];
	        this.deleted = source["deleted"];
	        this.halt = source["halt"];
	        this.bare = source["bare"];
	        this.rebased = source["rebased"];
	        this.items = source["items"];
	        this.stored = source["stored"];
	        this.rev = source["rev"];
	        this.tails = this.convertValues(source["tails"], Tail, true);
	        this.secrets = this.convertValues(source["secrets"], SecretEntry);
	        this.missing = source["missing"];
	        this.renew = source["renew"];
	        this.outdated = source["outdated"];
	        this.environment = source["environment"];
	        this.has = this.convertValues(source["has"], Environment);
	        this.limits = this.convertValues(source["limits"], Limits);
	        this.oldEnvironment = source["oldEnvironment"];
	        this.timings = source["timings"];
	        this.createdAt = source["createdAt"];
	        this.updatedAt = source["updatedAt"];
	        this.workedSince = source["workedSince"];
	        this.turnedAt = source["turnedAt"];
	        this.turnFrom = source["turnFrom"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class Limits {
	    memoryMB: number;
	    cpus: number;
	    tmpMB: number;
	
	    static createFrom(source: any = {}) {
	        return new Limits(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.memoryMB = source["memoryMB"];
	        this.cpus = source["cpus"];
	        this.tmpMB = source["tmpMB"];
	    }
	}
	export class MCPServer {
	    name: string;
	    command: string[];
	    env: string[];
	    url: string;
	    headers: string[];
	
	    static createFrom(source: any = {}) {
	        return new MCPServer(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.name = source["name"];
	        this.command = source["command"];
	        this.env = source["env"];
	        this.url = source["url"];
	        this.headers = source["headers"];
	    }
	}
	export class HostRule {
	    host: string;
	    allow: boolean;
	
	    static createFrom(source: any = {}) {
	        return new HostRule(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.host = source["host"];
	        this.allow = source["allow"];
	    }
	}
	export class Project {
	    id: string;
	    name: string;
	    path: string;
	    defaults: Defaults;
	    hosts: HostRule[];
	    mcp: MCPServer[];
	    mounts: string[];
	    secrets: SecretEntry[];
	    environment?: Environment;
	    proposed?: EnvironmentProposal;
	    noEnvironment: boolean;
	    limits: Limits;
	    fromFile: Configuration;
	    declinedTools?: string[];
	    rev: number;
	    missing: boolean;
	    deleted?: boolean;
	    createdAt: number;
	
	    static createFrom(source: any = {}) {
	        return new Project(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.name = source["name"];
	        this.path = source["path"];
	        this.defaults = this.convertValues(source["defaults"], Defaults);
	        this.hosts = this.convertValues(source["hosts"], HostRule);
	        this.mcp = this.convertValues(source["mcp"], MCPServer);
	        this.mounts = source["mounts"];
	        this.secrets = this.convertValues(source["secrets"], SecretEntry);
	        this.environment = this.convertValues(source["environment"], Environment);
	        this.proposed = this.convertValues(source["proposed"], EnvironmentProposal);
	        this.noEnvironment = source["noEnvironment"];
	        this.limits = this.convertValues(source["limits"], Limits);
	        this.fromFile = this.convertValues(source["fromFile"], Configuration);
	        this.declinedTools = source["declinedTools"];
	        this.rev = source["rev"];
	        this.missing = source["missing"];
	        this.deleted = source["deleted"];
	        this.createdAt = source["createdAt"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class ProviderConfig {
	    id: string;
	    name: string;
	    protocol: string;
	    url: string;
	    models: string[];
	
	    static createFrom(source: any = {}) {
	        return new ProviderConfig(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.name = source["name"];
	        this.protocol = source["protocol"];
	        this.url = source["url"];
	        this.models = source["models"];
	    }
	}
	export class SecretEntry {
	    project?: string;
	    session?: string;
	    name: string;
	    delivery: string;
	    updatedAt: number;
	    shown: boolean;
	    marked?: string;
	
	    static createFrom(source: any = {}) {
	        return new SecretEntry(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.project = source["project"];
	        this.session = source["session"];
	        this.name = source["name"];
	        this.delivery = source["delivery"];
	        this.updatedAt = source["updatedAt"];
	        this.shown = source["shown"];
	        this.marked = source["marked"];
	    }
	}
	export class Settings {
	    concurrency: number;
	    idleMinutes: number;
	    branchPrefix: string;
	    worktreeDir: string;
	    agent: string;
	    policy: string;
	    network: string;
	    memoryMB: number;
	    cpus: number;
	    pids: number;
	    theme: string;
	    density: string;
	    fontSize: number;
	    rev: number;
	    secrets: SecretEntry[];
	    providers: ProviderConfig[];
	    keyAddresses: Record<string, string>;
	    sessionBudget: Budget;
	    dayBudget: Budget;
	    agents: AgentConfig[];
	
	    static createFrom(source: any = {}) {
	        return new Settings(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.concurrency = source["concurrency"];
	        this.idleMinutes = source["idleMinutes"];
	        this.branchPrefix = source["branchPrefix"];
	        this.worktreeDir = source["worktreeDir"];
	        this.agent = source["agent"];
	        this.policy = source["policy"];
	        this.network = source["network"];
	        this.memoryMB = source["memoryMB"];
	        this.cpus = source["cpus"];
	        this.pids = source["pids"];
	        this.theme = source["theme"];
	        this.density = source["density"];
	        this.fontSize = source["fontSize"];
	        this.rev = source["rev"];
	        this.secrets = this.convertValues(source["secrets"], SecretEntry);
	        this.providers = this.convertValues(source["providers"], ProviderConfig);
	        this.keyAddresses = source["keyAddresses"];
	        this.sessionBudget = this.convertValues(source["sessionBudget"], Budget);
	        this.dayBudget = this.convertValues(source["dayBudget"], Budget);
	        this.agents = this.convertValues(source["agents"], AgentConfig);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class Event {
	    state?: boolean;
	    settings?: Settings;
	    projects?: Project[];
	    sessions?: Session[];
	    items?: Item[];
	    deltas?: Delta[];
	    connections?: Connection[];
	    gone?: string[];
	    images?: ImageState[];
	    engine?: EngineState;
	
	    static createFrom(source: any = {}) {
	        return new Event(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.state = source["state"];
	        this.settings = this.convertValues(source["settings"], Settings);
	        this.projects = this.convertValues(source["projects"], Project);
	        this.sessions = this.convertValues(source["sessions"], Session);
	        this.items = this.convertValues(source["items"], Item);
	        this.deltas = this.convertValues(source["deltas"], Delta);
	        this.connections = this.convertValues(source["connections"], Connection);
	        this.gone = source["gone"];
	        this.images = this.convertValues(source["images"], ImageState);
	        this.engine = this.convertValues(source["engine"], EngineState);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class FileChange {
	    path: string;
	    old: string;
	    status: string;
	    added: number;
	    removed: number;
	    binary: boolean;
	    risk: string;
	
	    static createFrom(source: any = {}) {
	        return new FileChange(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.path = source["path"];
	        this.old = source["old"];
	        this.status = source["status"];
	        this.added = source["added"];
	        this.removed = source["removed"];
	        this.binary = source["binary"];
	        this.risk = source["risk"];
	    }
	}
	
	export class ForgeLogin {
	    host: string;
	    source: string;
	    user: string;
	
	    static createFrom(source: any = {}) {
	        return new ForgeLogin(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.host = source["host"];
	        this.source = source["source"];
	        this.user = source["user"];
	    }
	}
	
	
	export class Hunk {
	    oldStart: number;
	    oldLines: number;
	    newStart: number;
	    newLines: number;
	    heading: string;
	    lines: string[];
	
	    static createFrom(source: any = {}) {
	        return new Hunk(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.oldStart = source["oldStart"];
	        this.oldLines = source["oldLines"];
	        this.newStart = source["newStart"];
	        this.newLines = source["newLines"];
	        this.heading = source["heading"];
	        this.lines = source["lines"];
	    }
	}
	
	
	
	
	export class Merge {
	    branch: string;
	    squash: boolean;
	    tip: string;
	    commit: string;
	    message: string;
	    approved: string[];
	
	    static createFrom(source: any = {}) {
	        return new Merge(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.branch = source["branch"];
	        this.squash = source["squash"];
	        this.tip = source["tip"];
	        this.commit = source["commit"];
	        this.message = source["message"];
	        this.approved = source["approved"];
	    }
	}
	export class MergePlan {
	    branch: string;
	    tip: string;
	    commit: string;
	    kind: string;
	    commits: CommitLine[];
	    conflicts: string[];
	    uncommitted: string[];
	    risky: string[];
	    message: string;
	    checkedOut: string;
	    command: string;
	    branches: string[];
	    more: boolean;
	
	    static createFrom(source: any = {}) {
	        return new MergePlan(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.branch = source["branch"];
	        this.tip = source["tip"];
	        this.commit = source["commit"];
	        this.kind = source["kind"];
	        this.commits = this.convertValues(source["commits"], CommitLine);
	        this.conflicts = source["conflicts"];
	        this.uncommitted = source["uncommitted"];
	        this.risky = source["risky"];
	        this.message = source["message"];
	        this.checkedOut = source["checkedOut"];
	        this.command = source["command"];
	        this.branches = source["branches"];
	        this.more = source["more"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class MergeTarget {
	    branch: string;
	    squash: boolean;
	
	    static createFrom(source: any = {}) {
	        return new MergeTarget(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.branch = source["branch"];
	        this.squash = source["squash"];
	    }
	}
	
	
	
	export class Mount {
	    id: string;
	    name: string;
	    path: string;
	    warning: string;
	    found: boolean;
	
	    static createFrom(source: any = {}) {
	        return new Mount(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.name = source["name"];
	        this.path = source["path"];
	        this.warning = source["warning"];
	        this.found = source["found"];
	    }
	}
	
	export class NewPrompt {
	    id: string;
	    text: string;
	    attachments: Attachment[];
	
	    static createFrom(source: any = {}) {
	        return new NewPrompt(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.text = source["text"];
	        this.attachments = this.convertValues(source["attachments"], Attachment);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class Push {
	    remote: string;
	    branch: string;
	    commit: string;
	    lease: string;
	    approved: string[];
	    removes: string[];
	
	    static createFrom(source: any = {}) {
	        return new Push(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.remote = source["remote"];
	        this.branch = source["branch"];
	        this.commit = source["commit"];
	        this.lease = source["lease"];
	        this.approved = source["approved"];
	        this.removes = source["removes"];
	    }
	}
	export class NewPullRequest {
	    push: Push;
	    title: string;
	    body: string;
	    base: string;
	    draft: boolean;
	    proposal: string;
	
	    static createFrom(source: any = {}) {
	        return new NewPullRequest(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.push = this.convertValues(source["push"], Push);
	        this.title = source["title"];
	        this.body = source["body"];
	        this.base = source["base"];
	        this.draft = source["draft"];
	        this.proposal = source["proposal"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class NewSession {
	    project: string;
	    title: string;
	    agent: string;
	    model: string;
	    effort: string;
	    mode: string;
	    policy: string;
	    network: string;
	    base: string;
	    folder?: string;
	    branch: string;
	    prompt: NewPrompt;
	
	    static createFrom(source: any = {}) {
	        return new NewSession(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.project = source["project"];
	        this.title = source["title"];
	        this.agent = source["agent"];
	        this.model = source["model"];
	        this.effort = source["effort"];
	        this.mode = source["mode"];
	        this.policy = source["policy"];
	        this.network = source["network"];
	        this.base = source["base"];
	        this.folder = source["folder"];
	        this.branch = source["branch"];
	        this.prompt = this.convertValues(source["prompt"], NewPrompt);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	
	
	
	
	export class Skipped {
	    line: number;
	    name: string;
	    reason: string;
	
	    static createFrom(source: any = {}) {
	        return new Skipped(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.line = source["line"];
	        this.name = source["name"];
	        this.reason = source["reason"];
	    }
	}
	export class Pasted {
	    set: SecretEntry[];
	    skipped: Skipped[];
	
	    static createFrom(source: any = {}) {
	        return new Pasted(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.set = this.convertValues(source["set"], SecretEntry);
	        this.skipped = this.convertValues(source["skipped"], Skipped);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class Patch {
	    path: string;
	    hunks: Hunk[];
	    binary: boolean;
	    truncated: boolean;
	
	    static createFrom(source: any = {}) {
	        return new Patch(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.path = source["path"];
	        this.hunks = this.convertValues(source["hunks"], Hunk);
	        this.binary = source["binary"];
	        this.truncated = source["truncated"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class PatchOptions {
	    context: number;
	    ignoreWhitespace: boolean;
	
	    static createFrom(source: any = {}) {
	        return new PatchOptions(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.context = source["context"];
	        this.ignoreWhitespace = source["ignoreWhitespace"];
	    }
	}
	
	
	
	
	
	
	export class ProjectEnvironment {
	    tools: Toolchain[];
	    packages: string[];
	    variables?: string[];
	    setup?: string[];
	    start?: string[];
	    run?: string[];
	    test?: string[];
	    archive?: string[];
	    hash: string;
	    commit: string;
	    reasons: NeedReason[];
	    parts: ProjectPart[];
	    unknown: UnknownDemand[];
	    config?: ConfigFile;
	    accepted?: Environment;
	    limits: Limits;
	    never: boolean;
	    open: boolean;
	    untried: Toolchain[];
	
	    static createFrom(source: any = {}) {
	        return new ProjectEnvironment(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.tools = this.convertValues(source["tools"], Toolchain);
	        this.packages = source["packages"];
	        this.variables = source["variables"];
	        this.setup = source["setup"];
	        this.start = source["start"];
	        this.run = source["run"];
	        this.test = source["test"];
	        this.archive = source["archive"];
	        this.hash = source["hash"];
	        this.commit = source["commit"];
	        this.reasons = this.convertValues(source["reasons"], NeedReason);
	        this.parts = this.convertValues(source["parts"], ProjectPart);
	        this.unknown = this.convertValues(source["unknown"], UnknownDemand);
	        this.config = this.convertValues(source["config"], ConfigFile);
	        this.accepted = this.convertValues(source["accepted"], Environment);
	        this.limits = this.convertValues(source["limits"], Limits);
	        this.never = source["never"];
	        this.open = source["open"];
	        this.untried = this.convertValues(source["untried"], Toolchain);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	
	
	
	
	export class Provider {
	    id: string;
	    name: string;
	    kind: string;
	    ready: boolean;
	    source: string;
	    hint: string;
	    url: string;
	    kept: boolean;
	    elsewhere: string;
	    agreed: boolean;
	    agents: string[];
	    protocols: string[];
	    models: OptionValue[];
	
	    static createFrom(source: any = {}) {
	        return new Provider(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.name = source["name"];
	        this.kind = source["kind"];
	        this.ready = source["ready"];
	        this.source = source["source"];
	        this.hint = source["hint"];
	        this.url = source["url"];
	        this.kept = source["kept"];
	        this.elsewhere = source["elsewhere"];
	        this.agreed = source["agreed"];
	        this.agents = source["agents"];
	        this.protocols = source["protocols"];
	        this.models = this.convertValues(source["models"], OptionValue);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	
	
	export class RawFile {
	    path: string;
	    filter: string;
	
	    static createFrom(source: any = {}) {
	        return new RawFile(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.path = source["path"];
	        this.filter = source["filter"];
	    }
	}
	export class StoredFiles {
	    count: number;
	    lost: number;
	    paths: string[];
	
	    static createFrom(source: any = {}) {
	        return new StoredFiles(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.count = source["count"];
	        this.lost = source["lost"];
	        this.paths = source["paths"];
	    }
	}
	export class PushPlan {
	    remote: string;
	    url: string;
	    branch: string;
	    commit: string;
	    lease: string;
	    commits: CommitLine[];
	    uncommitted: string[];
	    stored: StoredFiles;
	    raw: RawFile[];
	    removes: CommitLine[];
	    risky: string[];
	    secrets: string[];
	    command: string;
	    exact: string;
	    remotes: string[];
	    done: boolean;
	
	    static createFrom(source: any = {}) {
	        return new PushPlan(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.remote = source["remote"];
	        this.url = source["url"];
	        this.branch = source["branch"];
	        this.commit = source["commit"];
	        this.lease = source["lease"];
	        this.commits = this.convertValues(source["commits"], CommitLine);
	        this.uncommitted = source["uncommitted"];
	        this.stored = this.convertValues(source["stored"], StoredFiles);
	        this.raw = this.convertValues(source["raw"], RawFile);
	        this.removes = this.convertValues(source["removes"], CommitLine);
	        this.risky = source["risky"];
	        this.secrets = source["secrets"];
	        this.command = source["command"];
	        this.exact = source["exact"];
	        this.remotes = source["remotes"];
	        this.done = source["done"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class PullRequestPlan {
	    push: PushPlan;
	    forge: string;
	    repository: string;
	    host: string;
	    head: string;
	    base: string;
	    way: string;
	    because: string;
	    page: string;
	    title: string;
	    body: string;
	    draft: boolean;
	    open?: PullRequest;
	    command: string;
	
	    static createFrom(source: any = {}) {
	        return new PullRequestPlan(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.push = this.convertValues(source["push"], PushPlan);
	        this.forge = source["forge"];
	        this.repository = source["repository"];
	        this.host = source["host"];
	        this.head = source["head"];
	        this.base = source["base"];
	        this.way = source["way"];
	        this.because = source["because"];
	        this.page = source["page"];
	        this.title = source["title"];
	        this.body = source["body"];
	        this.draft = source["draft"];
	        this.open = this.convertValues(source["open"], PullRequest);
	        this.command = source["command"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class PullRequestTarget {
	    remote: string;
	    branch: string;
	    base: string;
	    proposal: string;
	
	    static createFrom(source: any = {}) {
	        return new PullRequestTarget(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.remote = source["remote"];
	        this.branch = source["branch"];
	        this.base = source["base"];
	        this.proposal = source["proposal"];
	    }
	}
	
	
	export class PushTarget {
	    remote: string;
	    branch: string;
	
	    static createFrom(source: any = {}) {
	        return new PushTarget(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.remote = source["remote"];
	        this.branch = source["branch"];
	    }
	}
	
	
	export class Rebase {
	    commit: string;
	    onto: string;
	    agent: boolean;
	
	    static createFrom(source: any = {}) {
	        return new Rebase(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.commit = source["commit"];
	        this.onto = source["onto"];
	        this.agent = source["agent"];
	    }
	}
	export class RebaseConflict {
	    subject: string;
	    paths: string[];
	    text: string;
	
	    static createFrom(source: any = {}) {
	        return new RebaseConflict(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.subject = source["subject"];
	        this.paths = source["paths"];
	        this.text = source["text"];
	    }
	}
	export class RebasePlan {
	    onto: string;
	    commit: string;
	    behind: number;
	    commits: number;
	    conflict?: RebaseConflict;
	    command: string;
	    fetched: string;
	
	    static createFrom(source: any = {}) {
	        return new RebasePlan(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.onto = source["onto"];
	        this.commit = source["commit"];
	        this.behind = source["behind"];
	        this.commits = source["commits"];
	        this.conflict = this.convertValues(source["conflict"], RebaseConflict);
	        this.command = source["command"];
	        this.fetched = source["fetched"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class Refs {
	    current: string;
	    local: string[];
	    remote: string[];
	    tags: string[];
	    more: boolean;
	
	    static createFrom(source: any = {}) {
	        return new Refs(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.current = source["current"];
	        this.local = source["local"];
	        this.remote = source["remote"];
	        this.tags = source["tags"];
	        this.more = source["more"];
	    }
	}
	export class Repository {
	    path: string;
	    name: string;
	    worktree: string;
	    branch: string;
	    head: string;
	    bare: boolean;
	    remote: string;
	    lfs: boolean;
	    dirty: boolean;
	    submodules: string[];
	
	    static createFrom(source: any = {}) {
	        return new Repository(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.path = source["path"];
	        this.name = source["name"];
	        this.worktree = source["worktree"];
	        this.branch = source["branch"];
	        this.head = source["head"];
	        this.bare = source["bare"];
	        this.remote = source["remote"];
	        this.lfs = source["lfs"];
	        this.dirty = source["dirty"];
	        this.submodules = source["submodules"];
	    }
	}
	export class Sandbox {
	    session: string;
	    project: string;
	    state: string;
	    container: string;
	    image: string;
	    volumes: string[];
	    exitCode: number;
	    oomKilled: boolean;
	    createdAt: number;
	    startedAt: number;
	    memoryMB: number;
	    cpu: number;
	    limitMB: number;
	
	    static createFrom(source: any = {}) {
	        return new Sandbox(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.session = source["session"];
	        this.project = source["project"];
	        this.state = source["state"];
	        this.container = source["container"];
	        this.image = source["image"];
	        this.volumes = source["volumes"];
	        this.exitCode = source["exitCode"];
	        this.oomKilled = source["oomKilled"];
	        this.createdAt = source["createdAt"];
	        this.startedAt = source["startedAt"];
	        this.memoryMB = source["memoryMB"];
	        this.cpu = source["cpu"];
	        this.limitMB = source["limitMB"];
	    }
	}
	
	export class SecretScope {
	    project: string;
	    session: string;
	
	    static createFrom(source: any = {}) {
	        return new SecretScope(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.project = source["project"];
	        this.session = source["session"];
	    }
	}
	
	
	
	
	
	
	
	
	
	
	
	

}

