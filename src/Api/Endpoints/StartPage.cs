using System.Text;

namespace Recs.Api.Endpoints;

/// <summary><c>GET /</c>: where to go from here.</summary>
internal static class StartPage
{
    private const string Html = """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>Recs</title></head>
        <body>
        <h1>Recs</h1>
        <p>Scores ads and feed items. <a href="/openapi/v1.json">OpenAPI document</a>, <a href="/healthz">health</a>, <a href="/readyz">readiness</a>.</p>
        <pre>curl -s {0}/v1/rank -H 'content-type: application/json' -d '{{"user":"17850","n":10}}'</pre>
        </body></html>

        """;

    public static IResult Answer(HttpRequest request) =>
        Results.Content(Html.Replace("{0}", System.Net.WebUtility.HtmlEncode($"{request.Scheme}://{request.Host}"), StringComparison.Ordinal)
            .Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal), "text/html", Encoding.UTF8);
}
