using Recs.Api.Serving;
using Recs.Domain;
using Recs.Ingest;
using Recs.Pipelines.CommandLine;
using Recs.Storage;

namespace Recs.Pipelines.Serve;

/// <summary>
/// Erases from the store of a URL, which is opened for each erasure: the server keeps none. A DuckDB file that another process holds is not at hand. One erasure
/// at a time.
/// </summary>
internal sealed class StoreErasure(string url, TimeProvider clock) : IUserErasure, IDisposable
{
    private readonly SemaphoreSlim _one = new(1);

    public async Task<ErasedUser> EraseAsync(UserId user, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            // Not given up half way when the client is gone: it is one transaction.
            return await Task.Run(() =>
            {
                using var store = StoreOption.OpenExisting(url);
                return new ErasedUser(store.Name, Erasure.Run(store, user, clock));
            }, CancellationToken.None);
        }
        catch (Exception failed) when (failed is StoreUnavailableException or IOException)
        {
            throw new RefusedException($"the store is not at hand now ({failed.Message.ReplaceLineEndings(" ")}); try again, or run recs erase where it is", failed);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();
}
