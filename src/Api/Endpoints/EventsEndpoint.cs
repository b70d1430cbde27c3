using System.Text;
using System.Text.Json;
using Recs.Api.Contracts;
using Recs.Api.Serving;

namespace Recs.Api.Endpoints;

/// <summary><c>POST /v1/events</c>: one event or a list; answers once the brokers have them.</summary>
internal sealed class EventsEndpoint(EventPublishing publishing, ApiOptions options)
{
    public async Task<IResult> Answer(HttpContext http, CancellationToken cancel)
    {
        var body = await JsonBody.Read(http, ApiJson.Default.JsonElement, options.BodyBytes);
        IReadOnlyList<JsonElement> entries = body.ValueKind switch
        {
            JsonValueKind.Object => [body],
            JsonValueKind.Array => [.. body.EnumerateArray()],
            _ => throw RefusedRequest.Invalid("the body is neither an event nor a list of events"),
        };
        return Results.Json(await publishing.PublishAsync(entries.Count, at => Encoding.UTF8.GetBytes(entries[at].GetRawText()), cancel),
            ApiJson.Default.EventsAnswer, statusCode: StatusCodes.Status202Accepted);
    }
}
