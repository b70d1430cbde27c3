using System.CommandLine;
using Recs.Api;
using Recs.Api.Keys;
using Recs.Api.Live;
using Recs.Domain;
using Recs.Embedder.Ecosystem;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Policy;
using Recs.Pipelines.Telemetry;
using Recs.Ranker.Model;
using Recs.Ranker.Slates;
using Recs.Storage;

namespace Recs.Pipelines.Serve;

/// <summary>How a verb that serves is told what and where: the same options for <c>serve</c> and <c>up</c>.</summary>
internal sealed class ServeOptions
{
    private readonly Option<string> _db = StoreOption.Create();

    private readonly Option<string> _model = Verb.ModelOption();

    private readonly Option<string> _url = new("--url")
    {
        Description = "Where to listen; name another address than 127.0.0.1 to be reached from other machines.",
        HelpName = "http://HOST:PORT",
        DefaultValueFactory = _ => new ApiOptions().Url,
    };

    private readonly Option<string?> _keys = new("--keys") { Description = "The file of API keys (recs keys create): whoever calls needs one. Without it everybody who reaches the address may call.", HelpName = "FILE" };

    private readonly Option<bool> _withoutKeys = new("--without-keys") { Description = "Serve other machines although there are no keys." };

    private readonly Option<string?> _grpc = new("--grpc") { Description = "Serve gRPC here too (src/Api/Contracts/recs.proto), over HTTP/2.", HelpName = "http://HOST:PORT" };

    private readonly Option<string?> _certificate = new("--certificate") { Description = "The certificate and its chain in PEM, for https.", HelpName = "FILE" };

    private readonly Option<string?> _certificateKey = new("--certificate-key") { Description = "The certificate's private key in PEM, where it is in another file.", HelpName = "FILE" };

    private readonly Option<string[]> _cors = new("--cors") { Description = "Origins whose pages may call from a browser; none without it.", HelpName = "https://HOST", AllowMultipleArgumentsPerToken = true };

    private readonly Option<string[]> _surfaces = new("--surfaces") { Description = "Surfaces that may be ranked for; any without it.", HelpName = "NAME", AllowMultipleArgumentsPerToken = true };

    private readonly Option<int> _budget = new("--budget-ms")
    {
        Description = "Milliseconds for a ranking, its wait included; what will not be done in time is left out, and the answer says so.",
        HelpName = "N",
        DefaultValueFactory = _ => (int)new ApiOptions().Budget.TotalMilliseconds,
    };

    private readonly Option<double> _drain = new("--drain-seconds")
    {
        Description = "At the end, seconds from /readyz saying no to no more requests, 0 to 3.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<string?> _policy = PolicyFile.Option();

    private readonly Option<string?> _experiments = new("--experiments") { Description = "Experiments, YAML, read again when the file changes: layers of arms, each a share of the users with settings of the policy or a model of its own.", HelpName = "FILE" };

    private readonly Option<string> _log = Log();

    private readonly Option<string?> _shadow = new("--shadow-model") { Description = "A second model's folder, scored beside the live one after the answers, which it does not change; metrics tell.", HelpName = "DIR" };

    private readonly Option<double> _shadowShare = new("--shadow-share") { Description = "The share of requests that it is scored on.", HelpName = "0..1", DefaultValueFactory = _ => 0.1 };

    private readonly Option<string?> _embedder = new("--embedder") { Description = "An embedding model's folder: answers POST /v1/embeddings too, with the switches below.", HelpName = "DIR" };

    private readonly ComputeSwitches _compute = new();

    private readonly TelemetryOptions _telemetry = new();

    public IEnumerable<Option> All =>
    [
        _db, _model, _url, _keys, _withoutKeys, _grpc, _certificate, _certificateKey, _cors, _surfaces, _budget, _drain, _policy, _experiments, _shadow, _shadowShare, _log, _embedder, .. _compute.All, .. _telemetry.All,
    ];

    public string Database(ParseResult parsed) => parsed.GetValue(_db)!;

    public string Model(ParseResult parsed) => parsed.GetValue(_model)!;

    /// <summary>The rules of the slate; the defaults where no file was named.</summary>
    /// <exception cref="RefusedException">The file is missing or faulty.</exception>
    public SlatePolicy Policy(ParseResult parsed) => parsed.GetValue(_policy) is { } file ? PolicyFile.Read(file) : new SlatePolicy();

    /// <summary>Reads the experiments, where a file was named, and says what to look at while it serves: another model in its folder, other experiments, another policy in its file.</summary>
    /// <exception cref="RefusedException">The experiments, or a model they name, cannot be read.</exception>
    public IReadOnlyList<FileWatch> Watches(ParseResult parsed, LiveState live)
    {
        var models = new LiveModels(live, Database(parsed));
        List<FileWatch> watches = [models.Watch(Model(parsed), Console.Error.WriteLine)];
        if (parsed.GetValue(_experiments) is { } file)
        {
            var experiments = new LiveExperiments(live, file, models);
            watches.Add(experiments.Watch(Console.Error.WriteLine));
            experiments.Read();
        }
        if (parsed.GetValue(_policy) is { } policy) watches.Add(new(policy, "the policy stays as it was", () => live.UsePolicy(PolicyFile.Read(policy)), Console.Error.WriteLine));
        return watches;
    }

    /// <summary>What answers <c>/v1/embeddings</c>, or null where no model was named.</summary>
    /// <exception cref="RefusedException">The folder holds no readable model.</exception>
    public Llama4EmbeddingGenerator? Embedder(ParseResult parsed) => parsed.GetValue(_embedder) is { } folder ? Llama4EmbeddingGenerator.Load(folder, _compute.Read(parsed)) : null;

    /// <summary>Where metrics go besides <c>/metrics</c>.</summary>
    public TelemetryExport Telemetry(ParseResult parsed) => _telemetry.Start(parsed);

    /// <summary>Loads the shadow model, where one was named, before anything serves.</summary>
    /// <exception cref="RefusedException">The folder holds no model, or the share is out of range.</exception>
    public void UseShadow(ParseResult parsed, LiveState live, IRecsStore store)
    {
        if (parsed.GetValue(_shadow) is not { } folder) return;
        var model = RankerModel.Load(folder);
        live.UseShadow(new(model, LiveState.VectorsOf(store, model.EmbeddingVersion)), parsed.GetValue(_shadowShare));
    }

    /// <exception cref="RefusedException">A value is out of its range, or the file of keys cannot be read.</exception>
    public ApiOptions Api(ParseResult parsed)
    {
        var log = new ServeLog(parsed.GetValue(_log) == "json", TimeProvider.System);
        return new()
        {
            Url = parsed.GetValue(_url)!,
            GrpcUrl = parsed.GetValue(_grpc),
            Certificate = parsed.GetValue(_certificate),
            CertificateKey = parsed.GetValue(_certificateKey),
            Keys = parsed.GetValue(_keys) is { } file ? ApiKeyRing.Open(file, log: log.Line) : null,
            AllowWithoutKeys = parsed.GetValue(_withoutKeys),
            CorsOrigins = parsed.GetValue(_cors) ?? [],
            Surfaces = parsed.GetValue(_surfaces) ?? [],
            Budget = TimeSpan.FromMilliseconds(parsed.GetValue(_budget)),
            // Longer than this and the command line would end the process before it is done.
            DrainDelay = parsed.GetValue(_drain) is >= 0 and <= 3 and var seconds ? TimeSpan.FromSeconds(seconds) : throw new RefusedException(FormattableString.Invariant($"--drain-seconds is {parsed.GetValue(_drain)}, range 0 to 3")),
            Log = log.Line,
            RequestLog = log.Requests,
        };
    }

    private static Option<string> Log()
    {
        var log = new Option<string>("--log") { Description = "text: plain lines; json: one JSON object a line, requests among them, without ids of persons.", DefaultValueFactory = _ => "text" };
        log.AcceptOnlyFromAmong("text", "json");
        return log;
    }
}
