using System.CommandLine;
using Recs.Api;
using Recs.Embedder.Ecosystem;
using Recs.Pipelines.CommandLine;

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

    private readonly Option<string?> _embedder = new("--embedder") { Description = "An embedding model's folder: answers POST /v1/embeddings too, with the switches below.", HelpName = "DIR" };

    private readonly ComputeSwitches _compute = new();

    public IEnumerable<Option> All => [_db, _model, _url, _embedder, .. _compute.All];

    public string Database(ParseResult parsed) => parsed.GetValue(_db)!;

    public string Model(ParseResult parsed) => parsed.GetValue(_model)!;

    /// <summary>What answers <c>/v1/embeddings</c>, or null where no model was named.</summary>
    /// <exception cref="Domain.RefusedException">The folder holds no readable model.</exception>
    public Llama4EmbeddingGenerator? Embedder(ParseResult parsed) => parsed.GetValue(_embedder) is { } folder ? Llama4EmbeddingGenerator.Load(folder, _compute.Read(parsed)) : null;

    public ApiOptions Api(ParseResult parsed) => new() { Url = parsed.GetValue(_url)!, Log = Console.Error.WriteLine };
}
