using System.Net.Sockets;
using System.Text;

namespace Recs.Api.Tests.Serving;

/// <summary>A client that sends exactly these bytes.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient _client = new();

    public RawConnection(Uri address) => _client.Connect(address.Host, address.Port);

    public async Task Send(string text) => await _client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>What the server says until it closes the connection; it must do so within half a minute.</summary>
    public async Task<string> ReadToEnd()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var answer = new MemoryStream();
        try
        {
            await _client.GetStream().CopyToAsync(answer, patience.Token);
        }
        catch (IOException)
        {
            // A server that closes while the client still sends makes a reset of it; what it said before counts.
        }
        return Encoding.Latin1.GetString(answer.ToArray());
    }

    public void Dispose() => _client.Dispose();
}
