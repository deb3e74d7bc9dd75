import ClientStore
import Foundation
package import LedgerCore
package import Screens
import SyncCore

extension MemberSession {
    /// Returns what this machine is tied to, from this machine alone.
    package func machine() throws -> MachineView {
        let status = try store.status()
        var view = MachineView(
            configFile: folders.profileFile.path(percentEncoded: false),
            keysFile: folders.keysFile.path(percentEncoded: false), node: profile.node ?? "",
            verifiedSize: status.verifiedSize, verifiedAt: status.verifiedAt,
            root: status.verifiedSize > 0 ? try store.observedTree().root : nil,
            isBoundToKeyring: isBoundToKeyring)
        guard let enrolment = try store.enrolment() else { return view }
        if view.node.isEmpty { view.node = enrolment.nodeURL }
        view.origin = enrolment.origin
        view.fingerprint = enrolment.logKey.text
        view.devices = try devices(here: enrolment.device)
        view.comparison = try accountCode()?.text
        return view
    }

    /// The devices of the account, oldest first, as the entries about the member say.
    private func devices(here: DeviceID) throws -> [MachineView.Device] {
        var devices: [MachineView.Device] = []
        for line in try store.activity(offset: 0, limit: .max).lines.reversed()
        where line.state != .rejected {
            if let keys = line.body.introducedKeys {
                devices.append(
                    MachineView.Device(
                        id: keys.device, since: line.at, isHere: keys.device == here))
            }
            guard case .deviceRevoked(let id) = line.body else { continue }
            for index in devices.indices where devices[index].id == id {
                devices[index].removedAt = line.at
            }
        }
        return devices
    }
}

extension MemberActions {
    /// Takes a device's right to sign away.
    @discardableResult
    package func revoke(_ device: DeviceID) throws -> Hash { try queue(.deviceRevoked(device)) }
}
