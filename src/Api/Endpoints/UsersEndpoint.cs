using Recs.Api.Contracts;
using Recs.Api.Live;
using Recs.Api.Serving;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Wire;

namespace Recs.Api.Endpoints;

/// <summary><c>DELETE /v1/users/{id}</c>: removes a person, and says what was touched and what cannot be reached from here.</summary>
internal sealed class UsersEndpoint(IUserErasure? erasure, LiveState live)
{
    private static readonly string[] Outside =
    [
        "messages still on the stream: they go with its retention, and are refused when they are read again",
        "other servers of this store: they forget when they start again",
        "this server's totals of items and its co-engagement table: they count the user's events until it starts again; nothing is kept under the id",
        "files written before (scores, training rows, snapshots of facts): delete or make anew",
        "totals of items that include events of days which retention had dropped: no id is kept with them",
    ];

    public async Task<IResult> Erase(string id, CancellationToken cancel)
    {
        if (id.Length > EventLimits.NameLength) throw RefusedRequest.Invalid($"the user's id has {id.Length} characters, limit {EventLimits.NameLength}");
        if (erasure is null) throw new RefusedException("no store is at hand to erase from; run recs erase --db URL --user ID");
        var user = new UserId(id);
        var erased = await erasure.EraseAsync(user, cancel);
        live.Forget(user);
        // The certificate must not bring back what was erased.
        return Results.Json(new ErasureAnswer(UserHash.Of(user), erased.Store, erased.Rows, Outside), ApiJson.Default.ErasureAnswer);
    }
}
