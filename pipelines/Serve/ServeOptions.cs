using System.CommandLine;
using Recs.Api;
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

    public IEnumerable<Option> All => [_db, _model, _url];

    public string Database(ParseResult parsed) => parsed.GetValue(_db)!;

    public string Model(ParseResult parsed) => parsed.GetValue(_model)!;

    public ApiOptions Api(ParseResult parsed) => new() { Url = parsed.GetValue(_url)!, Log = Console.Error.WriteLine };
}
